import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../scripts/checks/run-tool.ts';
import { createToyRepository, writeToyFile } from '../checks/toy-repository.ts';
import type { ToyRepository } from '../checks/toy-repository.ts';

/** A clone of the bootstrap with a stand-in for npx, which "installs" by linking the Node that runs the tests. */
export interface ToyClone extends ToyRepository {
  /** Starts `with-toolchain.mjs agentswarm ARGS…`. */
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => Running;
  /** The arguments npx was called with so far, one line a call. */
  readonly installations: () => Promise<readonly string[]>;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const FAKE_NPX = `#!/bin/sh
echo "$@ HOME=$HOME" >> npx-calls.txt
if [ -e fail-once ]; then rm fail-once; echo "ERR_PNPM_SOMETHING the reason"; exit 7; fi
if [ -e slow ]; then echo "Progress: resolved 3, reused 0, downloaded 1, added 0"; touch slow-started; sleep 1; fi
mkdir -p node_modules/node/bin
ln -sf "$REAL_NODE" node_modules/node/bin/node
`;

/** Prints what it was given and lives on when asked to, until a signal it counts. */
const MAIN = `const args = process.argv.slice(2);
console.log(JSON.stringify({ args, cwd: process.cwd(), initCwd: process.env.INIT_CWD }));
if (args[0] === 'exit') process.exitCode = Number(args[1]);
if (args[0] === 'wait') {
  const alive = setInterval(() => {}, 1000);
  const received = [];
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
    received.push(signal);
    setTimeout(() => { console.log(received.join()); process.exitCode = 130; clearInterval(alive); }, 300);
  });
  console.log('ready');
}
`;

export async function createToyClone(): Promise<ToyClone> {
  const toy = await createToyRepository({
    'package.json': { name: 'toy', packageManager: 'pnpm@12.21.0', type: 'module' },
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n  - tests\nallowBuilds:\n  node: true\n',
    'pnpm-lock.yaml': 'lockfileVersion: 1\n',
    'packages/cli/package.json': { name: 'cli', type: 'module' },
    'packages/cli/src/main.ts': MAIN,
    'bin/npx': FAKE_NPX,
  });
  await chmod(join(toy.root, 'bin', 'npx'), 0o755);
  await mkdir(join(toy.root, 'scripts'));
  for (const path of ['with-toolchain.mjs', 'toolchain']) {
    await cp(join(repositoryRoot, 'scripts', path), join(toy.root, 'scripts', path), { recursive: true });
  }
  return {
    ...toy,
    start: (args, env = {}) => start(toy.root, args, env),
    installations: async () =>
      (await readFile(join(toy.root, 'npx-calls.txt'), 'utf8')).trimEnd().split('\n'),
  };
}

/** Makes the next installation fail, or take a second. */
export function plant(root: string, what: 'fail-once' | 'slow'): Promise<void> {
  return writeToyFile(root, what, '');
}

function start(root: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const { npm_execpath: _npm, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/with-toolchain.mjs', 'agentswarm', ...args], {
    cwd: root,
    env: {
      ...inherited,
      REAL_NODE: process.execPath,
      PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  return { child, ended };
}
