import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandEnv, installEnv } from './environment.mjs';
import { BootstrapError } from './bootstrap-error.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { runCommand } from './run-command.mjs';

const USAGE = 'usage: with-toolchain.mjs agentswarm ARGS… | run test:all [--deep]\n';

/** Installs what is missing, then becomes the asked-for command as far as a parent process can. */
export async function main(argv, root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')) {
  const args = commandArgs(argv, root);
  if (args === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  try {
    const node = await ensureInstalled({ root, env: installEnv(process.env, root) });
    await runCommand(node, args, commandEnv(process.env, { root, node, forTests: argv[0] === 'run' }));
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`agentswarm: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

function commandArgs([mode, ...rest], root) {
  if (mode === 'agentswarm') {
    return ['--conditions=@agentswarm/source', join(root, 'packages/cli/src/main.ts'), ...rest];
  }
  if (mode === 'run' && rest[0] === 'test:all') return [join(root, 'scripts/test-all.ts'), ...rest.slice(1)];
  return undefined;
}
