import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessRequest } from '../spawn.ts';
import type { HostWrap } from '../commits/host-git.ts';
import { runHelper } from '../spawn.ts';
import { removeTree } from '../transfer/remove-tree.ts';

/** A folder that looks like `lower` with the changes in `upper`; nothing changes `lower`. */
export interface Overlay {
  readonly lower: string;
  readonly upper: string;
  /** For the kernel; on the disk of `upper`. */
  readonly work: string;
  /** Mount point. */
  readonly merged: string;
}

/** What mounting needs besides the overlay; the command itself gets another environment. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** A failure is said as bubblewrap would: then nothing was started. */
const MOUNT_AND_RUN = `
message=$(mount -t overlay overlay -o "$1" "$2" 2>&1) || { echo "bwrap: $message" >&2; exit 1; }
shift 2
exec "$@"
`;

/**
 * Mounts an overlay for one process and all it starts, in a mount namespace that ends with them. Root of
 * its own user namespace, the process needs no right on the host.
 */
export function withOverlay(overlay: Overlay, command: ProcessRequest): ProcessRequest {
  return { ...command, ...inOverlay(overlay)(command), env: { ...command.env, PATH } };
}

/** The same for a program of the host, whose PATH must lead to `unshare` and `mount`. */
export function inOverlay({ lower, upper, work, merged }: Overlay): HostWrap {
  // Not `index`: it refuses a mount while the kernel still takes the one before it apart.
  const options = `userxattr,index=off,lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const mounting = ['sh', '-c', MOUNT_AND_RUN, 'sh', options, merged];
  return ({ file, args }) => ({
    file: 'unshare',
    args: ['--user', '--map-root-user', '--mount', ...mounting, file, ...args],
  });
}

/** Tries whether overlays in `folder` can be mounted, changed, and confined by `program` (bubblewrap). */
export async function canOverlay(folder: string, program: string): Promise<boolean> {
  // These separate the options of a mount.
  if (/[,:\\]/.test(folder)) return false;
  await mkdir(folder, { recursive: true });
  const trial = await mkdtemp(join(folder, 'overlay-'));
  try {
    const [lower, upper, work, merged] = await makeFolders(trial);
    const confined = ['--unshare-user', '--uid', '1000', '--bind', '/', '/', '--bind', merged, merged];
    const script = [
      'sh',
      '-c',
      'mkdir "$0/a" && touch "$0/a/b" && mv "$0/a/b" "$0/c" && rmdir "$0/a"',
      merged,
    ];
    const { file, args, env } = withOverlay(
      { lower, upper, work, merged },
      { file: program, args: [...confined, '--', ...script], cwd: '/', env: {} },
    );
    return (await runHelper(file, args, { cwd: '/', env, timeoutMs: 10_000 })).ok;
  } finally {
    await removeTree(trial);
  }
}

async function makeFolders(folder: string): Promise<[string, string, string, string]> {
  const make = async (name: string) => {
    await mkdir(join(folder, name));
    return join(folder, name);
  };
  return [await make('lower'), await make('upper'), await make('work'), await make('merged')];
}
