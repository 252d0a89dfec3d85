import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer, type ScriptedModelServer } from '@agentswarm/llm-client';
import { probeIsolation } from '@agentswarm/sandbox-runner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm, type CommandOptions } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn, SMALL_TASKS, type SmallTarget } from '../support/small-target.ts';

/** Events an undisturbed small run appends at least; a point beyond would never be reached. */
const EVENTS = 110;
const DEEP = process.env['TEST_DEEP'] !== undefined;
const SEED = 20_261_120;

interface CrashPoint {
  readonly title: string;
  readonly command: (target: SmallTarget) => CommandOptions;
  readonly isolated: boolean;
}

let model: ScriptedModelServer;
let template: SmallTarget;
let canIsolate: boolean;

beforeAll(async () => {
  template = createSmallTarget();
  model = await createScriptedModelServer({ scriptDir: template.script });
  canIsolate = probeIsolation().usable;
});

afterAll(async () => {
  await model.close();
  rmSync(template.root, { recursive: true });
});

function seededPoints(): CrashPoint[] {
  if (DEEP)
    return [
      ...range(EVENTS).flatMap((at) => [atEvent(at, 'before'), atEvent(at, 'after')]),
      ...gitPoints(12),
    ];
  return [
    ...seededNumbers(14, EVENTS).map((at, index) => atEvent(at, index % 2 === 0 ? 'after' : 'before')),
    ...gitPoints(3),
  ];
}

/** Calls that only the command itself makes, not its workers: pushes of main, imports of hand-ins. */
const GIT_CALLS = { push: '--force-with-lease=*', fetch: 'fetch' } as const;

function gitPoints(most: number): CrashPoint[] {
  return range(most).flatMap((at) => [
    atGit('push', { at, when: 'before' }),
    atGit('push', { at, when: 'after' }),
    ...(DEEP ? [atGit('fetch', { at, when: 'after' })] : []),
  ]);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Distinct numbers from 1 to `most`, the same for every run of the test. */
function seededNumbers(count: number, most: number): number[] {
  const found = new Set<number>();
  let state = SEED;
  while (found.size < count) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    found.add(1 + (state % most));
  }
  return [...found].toSorted((a, b) => a - b);
}

function atEvent(at: number, when: 'before' | 'after'): CrashPoint {
  const preload = new URL('./crash-at-event.mjs', import.meta.url).href;
  return {
    title: `${when} event ${at}`,
    isolated: true,
    command: () => ({
      nodeArguments: [`--import=${preload}`],
      env: { CRASH_AT: String(at), CRASH_WHEN: when },
    }),
  };
}

function atGit(
  call: keyof typeof GIT_CALLS,
  { at, when }: { at: number; when: 'before' | 'after' },
): CrashPoint {
  return {
    title: `${when} git ${call} ${at}`,
    isolated: false,
    command: (target) => {
      const bin = join(target.root, 'bin');
      const count = join(target.root, 'count');
      const values = { FORM: GIT_CALLS[call], AT: String(at), WHEN: when, COUNT: count, GIT: findGit() };
      const template = readFileSync(new URL('./crash-at-git.sh', import.meta.url), 'utf8');
      const script = template.replace(/@([A-Z]+)@/g, (_, name: keyof typeof values) => values[name]);
      mkdirSync(bin);
      writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
      return { env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } };
    },
  };
}

function findGit(): string {
  return execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
}

function command(
  target: SmallTarget,
  verb: 'run' | 'resume',
  options: CommandOptions & { isolated: boolean },
) {
  const isolation = options.isolated && canIsolate ? 'auto' : 'none';
  const env = { LLM_BASE_URL: model.url, LLM_MODEL: 'scripted-small', ISOLATION: isolation, ...options.env };
  return runAgentswarm([verb, '--target', target.path, '--json'], { ...options, env });
}

/** What a target holds: every file, and the lines of the list, whose order is that of the landings. */
function finalContent(target: SmallTarget) {
  const files = gitIn(target.remote, 'ls-tree', '-r', 'main').split('\n');
  return {
    files: files.filter((file) => !file.endsWith('\tlist.txt')),
    list: gitIn(target.remote, 'show', 'main:list.txt').split('\n').toSorted(),
  };
}

/** How often a branch of each task was merged into main. */
function landingsByTask(target: SmallTarget): Record<string, number> {
  const tickets = gitIn(
    target.remote,
    'log',
    '--format=%(trailers:key=Mq-Ticket,valueonly,separator=%x2C)',
    'main',
  )
    .split('\n')
    .filter((ticket) => ticket !== '' && ticket.includes('.'));
  const counts: Record<string, number> = {};
  for (const ticket of tickets)
    counts[ticket.split('.')[0] ?? ''] = (counts[ticket.split('.')[0] ?? ''] ?? 0) + 1;
  return counts;
}

describe('a run killed at any point and resumed', () => {
  let expected: ReturnType<typeof finalContent>;

  beforeAll(async () => {
    const target = createSmallTarget();
    const result = await command(target, 'run', { isolated: true });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    const outcome = JSON.parse(result.stdout) as { metrics: { attempts: object } };
    expect(outcome.metrics.attempts).toMatchObject({ ejected: 1, conflicted: 1 });
    expect(landingsByTask(target)).toEqual(Object.fromEntries(SMALL_TASKS.map((id) => [id, 1])));
    expected = finalContent(target);
    expect(expected.list).toEqual(['alpha', 'beta', 'start']);
    rmSync(target.root, { recursive: true });
  });

  it.each(seededPoints())('$title', async ({ command: crash, isolated }) => {
    const target = createSmallTarget();
    const crashed = await command(target, 'run', { ...crash(target), isolated });
    expect(crashed.signal, crashed.stderr).toBe('SIGKILL');
    const resumed = await resumeUntilDone(target, isolated);
    expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0 });
    expect(finalContent(target)).toEqual(expected);
    expect(landingsByTask(target)).toEqual(Object.fromEntries(SMALL_TASKS.map((id) => [id, 1])));
    expect(await remainingProcesses(target.root)).toEqual([]);
    rmSync(target.root, { recursive: true });
  });
});

/** Resumes the run; a run that died before its first event has nothing to resume and is started again. */
async function resumeUntilDone(target: SmallTarget, isolated: boolean) {
  const resumed = await command(target, 'resume', { isolated });
  if (resumed.exitCode !== 2 || !/no unfinished run|no runs yet/.test(resumed.stderr)) return resumed;
  return await command(target, 'run', { isolated });
}
