import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gate, GateRequest } from '@agentswarm/merge-queue';

/** What the program in the tree calls red: a `breaker-*`, both halves of a `pair-<id>-(a|b)`, a flake it is told of. */
export const CHECK_PROGRAM = `
import { existsSync, readdirSync } from 'node:fs';
const names = new Set(readdirSync('.'));
const halves = [...names].filter((name) => /^pair-.*-a$/.test(name));
const red = [
  ...[...names].filter((name) => name.startsWith('breaker-')),
  ...halves.filter((name) => names.has(name.replace(/a$/, 'b'))),
  ...process.argv.slice(2).filter((ticket) => existsSync('src/' + ticket)),
];
if (red.length > 0) console.error('red: ' + red.join(' '));
process.exitCode = red.length > 0 ? 1 : 0;
`;

export interface ProcessGateOptions {
  /** Folder for the checkouts; empty again after each run. */
  readonly folder: string;
  /** Tickets whose flaky test fails in this run. */
  readonly flakesOf: (tickets: readonly string[]) => readonly string[];
}

/** A gate of real processes: `node check.mjs` in a checkout of the merged commit. */
export class ProcessGate implements Gate {
  runs = 0;
  readonly #options: ProcessGateOptions;

  constructor(options: ProcessGateOptions) {
    this.#options = options;
  }

  async run({ repository, commit, tickets, signal }: GateRequest) {
    this.runs += 1;
    const tree = await mkdtemp(join(this.#options.folder, 'gate-'));
    try {
      const unpack = 'git -C "$1" archive "$2" | tar -x -C "$3"';
      const unpacked = await run(['sh', '-c', unpack, 'unpack', repository, commit, tree], { signal });
      if (unpacked.exitCode !== 0) throw new RangeError(`no checkout: ${unpacked.output}`);
      const command = [process.execPath, 'check.mjs', ...this.#options.flakesOf(tickets)];
      const { exitCode, output } = await run(command, { cwd: tree, signal });
      if (exitCode === 0) return { kind: 'pass' } as const;
      const failure = { command: 'node check.mjs', exitCode, outputTail: output };
      return { kind: 'fail', failure } as const;
    } finally {
      await rm(tree, { recursive: true });
    }
  }
}

async function run(
  [program = '', ...args]: readonly string[],
  { cwd, signal }: { readonly cwd?: string; readonly signal: AbortSignal },
): Promise<{ readonly exitCode: number; readonly output: string }> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...(cwd ? { cwd } : {}) });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  return { exitCode: exitCode ?? -1, output };
}
