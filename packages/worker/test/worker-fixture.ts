import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  TaskAssignmentSchema,
  WorkerFrameSchema,
  type TaskAssignment,
  type WorkerFrame,
} from '@agentswarm/core';

export const TOKEN = 'tok-4f9a8c71d2e05b36';
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A checkout of a small repository, its bare intake and the directories of a sandbox, all under one root. */
export function createWorkplace(files: Record<string, string> = { 'README.md': 'hello\n' }) {
  const root = mkdtempSync(join(tmpdir(), 'worker-test-'));
  const at = (name: string) => join(root, name);
  for (const name of ['home', 'tmp', 'control', 'work']) mkdirSync(at(name));
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, encoding: 'utf8', env: gitEnv(at('home')) }).trim();
  git(at('work'), 'init', '--quiet', '--initial-branch=main');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at('work'), name), text);
  git(at('work'), 'add', '--all');
  git(at('work'), 'commit', '--quiet', '-m', 'base');
  git(at('work'), 'checkout', '--quiet', '-b', 'worker/add-greeting.1');
  git(root, 'init', '--quiet', '--bare', 'intake.git');
  const base = git(at('work'), 'rev-parse', 'HEAD');
  const intake = (...args: string[]) => git(at('intake.git'), ...args);
  return {
    root,
    workdir: at('work'),
    socket: at('gateway.sock'),
    handoffPath: at('control/handoff.json'),
    framesPath: at('control/frames.ndjson'),
    base,
    env: { HOME: at('home'), TMPDIR: at('tmp'), PATH: process.env['PATH'] ?? '' },
    git: (...args: string[]) => git(at('work'), ...args),
    intake,
    handoff: () => JSON.parse(readFileSync(at('control/handoff.json'), 'utf8')) as Record<string, unknown>,
    assignment: (
      gateway: TaskAssignment['model']['gateway'],
      overrides: Record<string, unknown> = {},
    ): TaskAssignment =>
      TaskAssignmentSchema.parse({
        v: 1,
        runId: 'run-test',
        attemptId: 'add-greeting.1',
        attempt: 1,
        task: {
          id: 'add-greeting',
          description: 'Add a greeting.',
          scope: ['greeting.txt'],
          acceptance: ['greeting.txt says hello'],
        },
        branch: 'worker/add-greeting.1',
        base,
        shared: [],
        forbidden: ['AGENTS.md'],
        evidence: [],
        instructions: 'You are a worker of AgentSwarm.',
        gate: ['true'],
        model: { name: 'test-model', gateway, maxTokens: 1024, temperature: 0, contextWindow: 32_000 },
        paths: {
          workdir: at('work'),
          intake: at('intake.git'),
          handoff: at('control/handoff.json'),
          frames: at('control/frames.ndjson'),
        },
        ...overrides,
      }),
    assignmentPath: at('control/assignment.json'),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export type Workplace = ReturnType<typeof createWorkplace>;

function gitEnv(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_AUTHOR_NAME: 'Base',
    GIT_AUTHOR_EMAIL: 'base@example.invalid',
    GIT_COMMITTER_NAME: 'Base',
    GIT_COMMITTER_EMAIL: 'base@example.invalid',
  };
}

interface ProcessOptions {
  readonly stdin?: string;
  /** A command to run the worker in, such as a sandbox. */
  readonly wrapper?: readonly string[];
}

/** Starts the worker as the process it is in production. */
export function startWorker(place: Workplace, assignment: unknown, options: ProcessOptions = {}) {
  writeFileSync(place.assignmentPath, JSON.stringify(assignment));
  const command = [process.execPath, '--conditions=@agentswarm/source', MAIN, place.assignmentPath];
  const [file = '', ...args] = [...(options.wrapper ?? []), ...command];
  const child = spawn(file, args, {
    cwd: place.workdir,
    env: place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const frames: WorkerFrame[] = [];
  const waiting: { matches: (frame: WorkerFrame) => boolean; resolve: (frame: WorkerFrame) => void }[] = [];
  let seen = 0;
  const readFrames = () => {
    if (!existsSync(place.framesPath)) return;
    const lines = readFileSync(place.framesPath, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(seen)) {
      const frame = WorkerFrameSchema.parse(JSON.parse(line));
      frames.push(frame);
      for (const entry of waiting) if (entry.matches(frame)) entry.resolve(frame);
    }
    seen = lines.length;
  };
  const reading = setInterval(readFrames, 10);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin.end(options.stdin ?? `${TOKEN}\n`);
  const ended = new Promise<{
    exitCode: number | null;
    signal: string | null;
    stdout: string;
    stderr: string;
  }>((resolve) =>
    child.once('close', (exitCode, signal) => {
      clearInterval(reading);
      readFrames();
      resolve({ exitCode, signal, stdout, stderr });
    }),
  );
  return {
    child,
    frames,
    ended,
    /** Resolves with the first frame, past or future, that matches. */
    frame: (matches: (frame: WorkerFrame) => boolean): Promise<WorkerFrame> =>
      new Promise((resolve) => {
        const past = frames.find(matches);
        if (past !== undefined) resolve(past);
        else waiting.push({ matches, resolve });
      }),
  };
}

export async function runToEnd(place: Workplace, assignment: unknown, options: ProcessOptions = {}) {
  const worker = startWorker(place, assignment, options);
  return { ...(await worker.ended), frames: worker.frames };
}

/** The transcript entries of one kind. */
export function entries(frames: readonly WorkerFrame[], kind: string) {
  return frames.flatMap((frame) =>
    frame.type === 'transcript' && frame.entry.kind === kind ? [frame.entry as Record<string, unknown>] : [],
  );
}

export function errorsOf(frames: readonly WorkerFrame[]) {
  return frames.flatMap((frame) =>
    frame.type === 'error' ? [{ code: frame.code, message: frame.message }] : [],
  );
}
