import type { ProcessRequest } from '../spawn.ts';
import type { SandboxBounds } from './limit-keeper.ts';

/** Of one process; what it can do with more is cost the kernel memory that nobody accounts for. */
const MAX_OPEN_FILES = 16_384;
/** So that reaching the bound is found by whoever names it, and the kernel is only the second line. */
const CPU_GRACE_SECONDS = 5;
/** POSIX counts the size of a file in these. */
const BLOCKS_PER_MB = 2048;

/** What the shell calls itself in a message that the program could not be started. */
export const STARTER = 'sandbox-start';

/**
 * The kernel's own bounds, for the process and all it starts: core files, file size, processor time and open
 * files of each. A write beyond the size fails rather than ends the program. What the system does not know
 * is left out. Where memory runs out, the kernel takes such a process first.
 */
const START = `
trap '' XFSZ
{
ulimit -c 0
ulimit -f "$1"
ulimit -n ${MAX_OPEN_FILES}
[ -z "$2" ] || ulimit -t "$2"
[ -z "$3" ] || taskset -cp "$3" $$ >&2
echo 1000 >/proc/self/oom_score_adj
} 2>/dev/null
shift 3
exec "$@"
`;

/** Starts a process under the bounds that the kernel keeps. */
export function withLimits(process: ProcessRequest, { limits, cores }: SandboxBounds): ProcessRequest {
  const cpuSeconds =
    limits.cpuSeconds === undefined ? '' : String(Math.ceil(limits.cpuSeconds) + CPU_GRACE_SECONDS);
  const fileBlocks = String(Math.ceil(limits.fileMb * BLOCKS_PER_MB));
  return {
    ...process,
    file: '/bin/sh',
    args: [
      '-c',
      START,
      STARTER,
      fileBlocks,
      cpuSeconds,
      cores?.join(',') ?? '',
      process.file,
      ...process.args,
    ],
  };
}
