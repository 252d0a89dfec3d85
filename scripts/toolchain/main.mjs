import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandEnv, installEnv, pythonEnv } from './environment.mjs';
import { BootstrapError } from './bootstrap-error.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { ensurePython } from './ensure-python.mjs';
import { runCommand } from './run-command.mjs';

const USAGE = 'usage: with-toolchain.mjs agentswarm ARGS… | run test:all [--deep] | python ARGS…\n';

/** Installs what is missing, then becomes the asked-for command as far as a parent process can. */
export async function main(argv, root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')) {
  const [mode, ...rest] = argv;
  const args = nodeArgs(argv, root);
  try {
    if (mode === 'python') return await runPython(rest, root);
    if (args === undefined) {
      process.stderr.write(USAGE);
      process.exitCode = 2;
      return;
    }
    const node = await install({ root, withPython: mode === 'run' || rest[0] === 'demo' });
    await runCommand(node, args, commandEnv(process.env, { root, node, forTests: mode === 'run' }));
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`agentswarm: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

/** Both halves at once: one waits for the network mostly while the other unpacks. Only Node's is required. */
async function install({ root, withPython }) {
  const env = installEnv(process.env, root);
  const [node, python] = await Promise.allSettled([
    ensureInstalled({ root, env }),
    withPython ? ensurePython({ root, env }) : undefined,
  ]);
  for (const half of [node, python]) if (half.status === 'rejected') throw half.reason;
  return node.value;
}

async function runPython(args, root) {
  const side = await ensurePython({ root, env: installEnv(process.env, root) });
  if (side.status === 'unavailable') throw new BootstrapError(side.reason);
  await runCommand(side.python, args, pythonEnv(process.env, root));
}

function nodeArgs([mode, ...rest], root) {
  if (mode === 'agentswarm') {
    return ['--conditions=@agentswarm/source', join(root, 'packages/cli/src/main.ts'), ...rest];
  }
  if (mode === 'run' && rest[0] === 'test:all') return [join(root, 'scripts/test-all.ts'), ...rest.slice(1)];
  return undefined;
}
