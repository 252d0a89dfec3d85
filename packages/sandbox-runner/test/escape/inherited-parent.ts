// Is started with an open folder as an inherited descriptor; runs a script in a sandbox, or plainly.
import { spawnSync } from 'node:child_process';
import { createLocalBackend } from '../../src/index.ts';

const [root = '', isolation, script = ''] = process.argv.slice(2);
if (isolation === 'auto' || isolation === 'none') {
  await using backend = createLocalBackend({
    root,
    isolation,
    runtime: { readOnlyPaths: [], nodePath: process.execPath },
  });
  await using sandbox = await backend.create({ labels: { run: 'run-inherited', purpose: 'command' } });
  process.stdout.write((await sandbox.exec({ command: ['sh', '-c', script] }).result).stdout);
} else {
  process.stdout.write(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout);
}
