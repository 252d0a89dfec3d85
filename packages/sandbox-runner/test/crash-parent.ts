// Makes a sandbox with running, partly detached processes, says so, and waits to be killed.
import { createLocalBackend } from '../src/index.ts';

const [root = '', isolation] = process.argv.slice(2);
const backend = createLocalBackend({
  root,
  isolation: isolation === 'none' ? 'none' : 'auto',
  runtime: { readOnlyPaths: [], nodePath: process.execPath },
});
const sandbox = await backend.create({ labels: { run: 'run-crash', purpose: 'command' } });
const script = 'sleep 600 & setsid sleep 600 & echo ready; wait';
const exec = sandbox.exec({ command: ['sh', '-c', script] });
for await (const line of exec.lines) process.stdout.write(`${line} ${sandbox.id}\n`);
