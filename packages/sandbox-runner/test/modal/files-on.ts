import type { RunInside } from '../../src/inside/inside-command.ts';
import { execRemote } from '../../src/modal/exec/remote-exec.ts';
import { createRemoteFiles, type RemoteFiles } from '../../src/modal/files/remote-files.ts';
import type { ShimConnection } from '../../src/modal/shim/shim-connection.ts';

export type TestFiles = RemoteFiles & { readonly run: RunInside };

/** The files of a sandbox that one shim knows, without a backend. */
export function filesOn(connection: ShimConnection, remoteId: string): TestFiles {
  const run: RunInside = (command) =>
    execRemote({ connection, sandboxId: remoteId, ...command, onProblem: () => undefined });
  const connect = () => Promise.resolve(connection);
  return { ...createRemoteFiles({ id: 'sbx-test', remoteId, connect, run }), run };
}
