// Makes a sandbox in which a command runs, says so, and waits to be killed.
import { Secret } from '@agentswarm/core';
import { createModalBackend, type ModalBackendOptions } from '../../src/index.ts';

/** What can be written on a command line of the options of a backend. */
export type PlainOptions = Pick<ModalBackendOptions, 'root' | 'shim' | 'image' | 'guardCommand' | 'path'> & {
  readonly serverUrl: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
};

const { serverUrl, tokenId, tokenSecret, ...plain } = JSON.parse(process.argv[2] ?? '') as PlainOptions;
const backend = createModalBackend({
  ...plain,
  account: {
    app: 'agentswarm-test',
    serverUrl,
    credentials: { tokenId: new Secret(tokenId), tokenSecret: new Secret(tokenSecret) },
  },
});
const sandbox = await backend.create({ labels: { run: 'run-crash', purpose: 'command' } });
await sandbox.writeFile(`${sandbox.paths.workdir}/file`, 'kept');
const exec = sandbox.exec({ command: ['sh', '-c', 'echo ready; sleep 600'] });
for await (const line of exec.lines) process.stdout.write(`${line} ${sandbox.id}\n`);
