import type { ExecHandle, FollowOptions, Sandbox, TransferOptions } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import {
  scriptFailure,
  startScript,
  type InsideCommand,
  type InsidePath,
} from '../../local/inside-command.ts';
import { readByCommand, writeByCommand } from '../../local/inside-files.ts';
import { downloadTree, uploadTree } from '../../local/transfer-tree.ts';
import { execRemote } from '../exec/remote-exec.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import { followRemote } from './follow-remote.ts';
import { REMOTE_HOME, REMOTE_PATHS } from './remote-places.ts';

const DEFAULT_MAX_READ_BYTES = 10 * 1024 * 1024;
/** Whether what is to be followed may be: a plain file, or nothing yet. */
const REQUIRE_PLAIN = '[ ! -L "$1" ] && { [ ! -e "$1" ] || [ -f "$1" ]; } || exit 66';

export interface RemoteFilesOptions {
  readonly connection: ShimConnection;
  readonly sandboxId: string;
  readonly onProblem: (error: unknown) => void;
}

/** What can be done with the files of a sandbox. */
export interface RemoteFiles extends Pick<
  Sandbox,
  'readFile' | 'writeFile' | 'upload' | 'download' | 'follow'
> {
  /** Runs a command of our own, in an environment of nothing but what it names. */
  readonly runInside: (command: InsideCommand) => ExecHandle;
}

/** Acts on the files of a remote sandbox by commands inside, as hostile as it may be. */
export function createRemoteFiles(options: RemoteFilesOptions): RemoteFiles {
  const { sandboxId } = options;
  const locate = (path: string) => locateInside(sandboxId, path);
  const runInside = (command: InsideCommand) => execRemote({ ...options, ...command });
  return {
    runInside,
    readFile: async (path, { maxBytes = DEFAULT_MAX_READ_BYTES } = {}) =>
      readByCommand(runInside, locate(path), maxBytes),
    writeFile: async (path, content) => writeByCommand(runInside, locate(path), content),
    upload: async (hostFolder: string, path: string, transfer: TransferOptions = {}) =>
      uploadTree(runInside, { ...transfer, hostFolder, path: locate(path) }),
    download: async (path: string, hostFolder: string, transfer: TransferOptions = {}) =>
      downloadTree(runInside, { ...transfer, hostFolder, path: locate(path) }),
    follow: (path: string, { fromByte = 0, signal }: FollowOptions) => {
      const place = locate(path);
      if (place.folder !== REMOTE_PATHS.control) throw refused(sandboxId, path);
      return follow({ ...options, path, fromByte, signal }, () =>
        startScript(runInside, { script: `p=$1/$2; set -- "$p"; ${REQUIRE_PLAIN}`, path: place }),
      );
    },
  };
}

async function* follow(
  request: Parameters<typeof followRemote>[0],
  requirePlain: () => ExecHandle,
): AsyncGenerator<Uint8Array, void, undefined> {
  const checked = await requirePlain().result;
  if (checked.reason === 'lost') {
    throw new SandboxError('SANDBOX_STREAM_LOST', `it is not known what ${request.path} is`);
  }
  // The end of its sandbox ends it too.
  if (checked.reason === 'aborted') return;
  const failure = scriptFailure(checked);
  if (failure !== undefined) throw refused(request.sandboxId, request.path, failure.why);
  yield* followRemote(request);
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
