import type { HostWrap } from './host-git.ts';

/** For the largest objects that are kept whole, a few times; a few bytes in a pack can claim to be any size. */
const MAX_MEMORY_KB = 4 * 1024 * 1024;
/** What is borrowed is mapped a part at a time, so that its size does not count. */
const SETTINGS = ['core.packedGitWindowSize=32m', 'core.packedGitLimit=512m', 'pack.threads=1'];
/** Where the system knows no such bound there is none. */
const BOUNDED = `ulimit -v ${MAX_MEMORY_KB} 2>/dev/null; exec "$0" "$@"`;

/** Bounds the memory of a git that reads what a sandbox wrote. */
export const boundMemory: HostWrap = ({ file, args }) => ({
  file: '/bin/sh',
  args: ['-c', BOUNDED, file, ...SETTINGS.flatMap((setting) => ['-c', setting]), ...args],
});
