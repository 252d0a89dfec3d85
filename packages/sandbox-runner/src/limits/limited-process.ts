import type { ProcessRequest } from '../spawn.ts';
import type { SandboxBounds } from './limit-keeper.ts';
import { planProcessLimits } from './process-limits.ts';

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
ulimit -n "$2"
[ -z "$3" ] || ulimit -t "$3"
[ -z "$4" ] || taskset -cp "$4" $$ >&2
echo 1000 >/proc/self/oom_score_adj
} 2>/dev/null
shift 4
exec "$@"
`;

/** Starts a process under the bounds that the kernel keeps. */
export function withLimits(process: ProcessRequest, { limits, cores }: SandboxBounds): ProcessRequest {
  const { openFiles, cpuSeconds } = planProcessLimits(limits);
  const fileBlocks = String(Math.ceil(limits.fileMb * BLOCKS_PER_MB));
  return {
    ...process,
    file: '/bin/sh',
    args: [
      '-c',
      START,
      STARTER,
      fileBlocks,
      String(openFiles),
      String(cpuSeconds ?? ''),
      cores?.join(',') ?? '',
      process.file,
      ...process.args,
    ],
  };
}
