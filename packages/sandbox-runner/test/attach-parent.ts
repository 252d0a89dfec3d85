// Attaches to a sandbox when told to by a line, says what became of it, and waits to be killed.
import { once } from 'node:events';
import { createLocalBackend } from '../src/index.ts';

const [root = '', isolation, id = ''] = process.argv.slice(2);
const backend = createLocalBackend({
  root,
  isolation: isolation === 'none' ? 'none' : 'auto',
  runtime: { readOnlyPaths: [], nodePath: process.execPath },
});
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const sandbox = await backend.attach(id);
const { stdout } = await sandbox.exec({ command: ['cat', 'file'] }).result;
// A guest's end leaves the sandbox, the owner's end removes it.
process.stdout.write(`attached ${stdout}\n`);
await once(process.stdin, 'data');
await sandbox[Symbol.asyncDispose]();
process.stdout.write('disposed\n');
process.exit();
