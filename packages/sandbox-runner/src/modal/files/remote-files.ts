import type { FollowOptions, Sandbox, TransferOptions } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import { scriptFailure, startScript, type InsidePath, type RunInside } from '../../inside/inside-command.ts';
import { readByCommand, writeByCommand } from '../../inside/inside-files.ts';
import { downloadTree, uploadTree } from '../../transfer/transfer-tree.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import { followRemote } from './follow-remote.ts';
import { REMOTE_HOME, REMOTE_PATHS } from './remote-places.ts';

const DEFAULT_MAX_READ_BYTES = 10 * 1024 * 1024;
/** Whether what is to be followed may be: a plain file, or nothing yet. */
const REQUIRE_PLAIN = '[ ! -L "$1" ] && { [ ! -e "$1" ] || [ -f "$1" ]; } || exit 66';

export interface RemoteFilesOptions {
  readonly id: string;
  readonly remoteId: string;
  /** To a shim that knows the sandbox. */
  readonly connect: () => Promise<ShimConnection>;
  /** Runs a command inside. */
  readonly run: RunInside;
}

/** What can be done with the files of a sandbox. */
export type RemoteFiles = Pick<Sandbox, 'readFile' | 'writeFile' | 'upload' | 'download' | 'follow'>;

/** Acts on the files of a remote sandbox by commands inside, as hostile as it may be. */
export function createRemoteFiles({ id, remoteId, connect, run }: RemoteFilesOptions): RemoteFiles {
  const locate = (path: string) => locateInside(id, path);
  return {
    readFile: async (path, { maxBytes = DEFAULT_MAX_READ_BYTES } = {}) =>
      readByCommand(run, locate(path), maxBytes),
    writeFile: async (path, content) => writeByCommand(run, locate(path), content),
    upload: async (hostFolder: string, path: string, transfer: TransferOptions = {}) =>
      uploadTree(run, { ...transfer, hostFolder, path: locate(path) }),
    download: async (path: string, hostFolder: string, transfer: TransferOptions = {}) =>
      downloadTree(run, { ...transfer, hostFolder, path: locate(path) }),
    follow: (path: string, { fromByte = 0, signal }: FollowOptions) => {
      const place = locate(path);
      if (place.folder !== REMOTE_PATHS.control) throw refused(id, path);
      return followPlain({ id, run, place, path }, () =>
        followRemote({ connect, sandboxId: remoteId, path, fromByte, signal }),
      );
    },
  };
}

interface FollowedFile {
  readonly id: string;
  readonly run: RunInside;
  readonly place: InsidePath;
  readonly path: string;
}

/** Looks whether a file may be followed, and does. */
async function* followPlain(
  { id, run, place, path }: FollowedFile,
  follow: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const checked = await startScript(run, { script: `p=$1/$2; set -- "$p"; ${REQUIRE_PLAIN}`, path: place })
    .result;
  // The end of its sandbox ends it too.
  if (checked.reason === 'aborted') return;
  const failure = scriptFailure(checked);
  if (failure !== undefined) throw refused(id, path, failure.why);
  yield* follow();
}

function locateInside(sandboxId: string, path: string): InsidePath {
  const { workdir, control, intake } = REMOTE_PATHS;
  const folder = [workdir, control, intake, REMOTE_HOME].find(
    (place) => path === place || path.startsWith(`${place}/`),
  );
  if (folder === undefined) throw refused(sandboxId, path);
  return { folder, relative: path.slice(folder.length + 1) };
}

function refused(sandboxId: string, path: string, why = 'is not in a folder'): SandboxError {
  return new SandboxError('SANDBOX_FILE_REFUSED', `${path} ${why} of sandbox ${sandboxId}`, {
    details: { sandbox: sandboxId, file: path },
  });
}
