import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A target repository with its bare remote, made for a test. */
export interface SmallTarget {
  /** Folder that holds everything; remove it after the test. */
  readonly root: string;
  readonly path: string;
  readonly remote: string;
  readonly script: string;
}

/**
 * Tasks every small run lands: two that add lines to one list (`alpha` and `beta`), two that change one line
 * (`left` and `right`), a breaker, and two that meet nobody.
 */
export const SMALL_TASKS = ['alpha', 'beta', 'gamma', 'delta', 'left', 'right', 'breaker'] as const;

const CHECK = `import { readdirSync, readFileSync } from 'node:fs';
const seen = new Map();
for (const name of readdirSync('parts')) {
  const { slot } = JSON.parse(readFileSync('parts/' + name, 'utf8'));
  if (seen.has(slot)) {
    console.error('slot ' + slot + ' is claimed by ' + seen.get(slot) + ' and ' + name);
    process.exit(1);
  }
  seen.set(slot, name);
}
console.log(seen.size + ' parts, all slots distinct');
`;

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', ...args], {
    cwd,
    encoding: 'utf8',
  }).trim();

/** Runs git with a fixed identity and gives its output. */
export const gitIn = git;

export interface SmallTargetOptions {
  /** Default: without a model there is none to write. */
  readonly rules?: readonly object[];
  /** What it is to have; default all of {@link SMALL_TASKS}. */
  readonly tasks?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** Creates the repository, its remote and the scripted model's rules. */
export function createSmallTarget(options: SmallTargetOptions = {}): SmallTarget {
  const { tasks = SMALL_TASKS } = options;
  const root = mkdtempSync(join(tmpdir(), 'agentswarm-small-'));
  const target = {
    root,
    path: join(root, 'target'),
    remote: join(root, 'remote.git'),
    script: join(root, 'script'),
  };
  const files: Record<string, string> = {
    'check.mjs': CHECK,
    'parts/base.json': '{ "slot": 0 }\n',
    'list.txt': 'start\n',
    'line.txt': 'start\n',
    'SPEC.md':
      '# Parts\n\nEvery part claims a slot of its own. Alpha and beta are in the list, left and right in the line.\n',
    'FEATURES.json': `${JSON.stringify({ features: tasks.map(featureOf) }, undefined, 2)}\n`,
    'agentswarm.config.json': `${JSON.stringify({ gate: ['node check.mjs'], shared: ['list.txt', 'line.txt'] }, undefined, 2)}\n`,
    ...options.files,
  };
  writeTree(target.path, files);
  git(target.path, 'init', '--quiet', '--initial-branch=main');
  git(target.path, 'add', '-A');
  git(target.path, 'commit', '--quiet', '-m', 'start');
  git(root, 'clone', '--quiet', '--bare', target.path, target.remote);
  git(target.path, 'remote', 'add', 'origin', target.remote);
  writeTree(target.script, {
    'model.json': '{ "model": "scripted-small" }\n',
    'small.rules.json': JSON.stringify(
      { rules: options.rules ?? [...plannerRules(tasks), ...workerRules()] },
      undefined,
      1,
    ),
  });
  return target;
}

function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function featureOf(id: string) {
  return {
    id,
    category: 'parts',
    priority: 1,
    description: `The part ${id}`,
    files: [`parts/${id}.json`],
    acceptance: ['node check.mjs passes'],
    status: 'planned',
    dependsOn: id === 'breaker' ? ['alpha'] : [],
  };
}

function taskOf(id: string) {
  return {
    id,
    description: `Create parts/${id}.json`,
    scope: [`parts/${id}.json`],
    acceptance: ['node check.mjs passes'],
    dependsOn: id === 'breaker' ? ['alpha'] : [],
    priority: id === 'left' || id === 'right' ? 1 : 3,
    features: [id],
  };
}

/** A planner that plans everything at once and believes only landings. */
export function plannerRules(ids: readonly string[] = SMALL_TASKS): object[] {
  const system = ['^You are the planner of AgentSwarm'];
  const say = (tasks: object[], specMet: boolean) => ({ json: { scratchpad: 'all parts', tasks, specMet } });
  return [
    { name: 'done', when: { system, user: ids.map((id) => `^- ${id} \\| landed`) }, steps: [say([], true)] },
    { name: 'plan', when: { system, lacks: [`^- ${ids[0]} \\|`] }, steps: [say(ids.map(taskOf), false)] },
    { name: 'wait', when: { system }, steps: [say([], false)] },
  ];
}

/** Workers whose final files do not depend on the order of landings. */
export function workerRules(): object[] {
  return SMALL_TASKS.flatMap((id, index) => {
    const write = (slot: number) =>
      tool('write', { path: `parts/${id}.json`, content: `{ "slot": ${slot} }\n` });
    const check = tool('bash', { command: checkCommand(id) });
    const hand = tool('submit_handoff', {
      status: 'complete',
      summary: `Added ${id}; node check.mjs passes.`,
    });
    const rule = (name: string, user: string[], slot: number) => ({
      name: `${id} ${name}`,
      when: { system: ['^You are a worker of AgentSwarm'], user: [`^Task: ${id}$`, ...user] },
      steps: [write(slot), check, hand, { text: 'Done.' }],
    });
    // The first try claims the slot of alpha, which has landed by then.
    const first = id === 'breaker' ? [rule('first', ['^Attempt: 1$'], 1)] : [];
    return [...first, rule('any', [], index + 1)];
  });
}

function checkCommand(id: string): string {
  if (id === 'breaker') return 'ls parts';
  if (id === 'alpha' || id === 'beta') return `echo ${id} >> list.txt && node check.mjs`;
  const words = `echo $(printf '%s\\n' $(cat line.txt) ${id} | sort -u) > line.txt`;
  return id === 'left' || id === 'right' ? `${words} && node check.mjs` : 'node check.mjs';
}

function tool(name: string, args: object) {
  return { toolCalls: [{ name, arguments: args }] };
}
