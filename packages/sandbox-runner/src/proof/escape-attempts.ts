import type { SandboxLimit } from '@agentswarm/core';

/** What an attempt to get out aims at, prepared on the host. */
export interface EscapeTargets {
  /** A file with a secret, readable by this user. */
  readonly file: string;
  /** A folder this user may write. */
  readonly folder: string;
  /** A loopback port that greets whoever connects. */
  readonly port: number;
  /** A process of this user. */
  readonly pid: number;
}

/** A program that exits with 0 when it got out. */
export interface EscapeAttempt {
  /** What it tries, as in "tried to …". */
  readonly title: string;
  readonly command: (targets: EscapeTargets) => readonly [string, ...string[]];
}

const shell = (script: string, ...args: readonly string[]): readonly [string, ...string[]] => [
  'sh',
  '-c',
  script,
  'sh',
  ...args,
];
const node = (script: string, ...args: readonly string[]): readonly [string, ...string[]] => [
  'node',
  '-e',
  script,
  ...args,
];

const CONNECT = `
const socket = require('node:net').connect({ host: process.argv[1], port: Number(process.argv[2]), timeout: 2000 });
socket.on('data', () => process.exit(0));
for (const event of ['error', 'timeout', 'end']) socket.on(event, () => process.exit(1));`;

/** Attempts that would succeed at once where nothing holds them. */
export const ESCAPE_ATTEMPTS: readonly EscapeAttempt[] = [
  { title: 'read a file of the user', command: ({ file }) => shell('cat "$1"', file) },
  { title: 'write outside its folders', command: ({ folder }) => shell('echo x >"$1/escaped"', folder) },
  {
    title: 'write through a link',
    command: ({ folder }) => shell('ln -s "$1" out && echo x >out/escaped', folder),
  },
  {
    title: 'connect to a loopback port',
    command: ({ port }) => node(CONNECT, '127.0.0.1', String(port)),
  },
  { title: 'signal a process', command: ({ pid }) => shell('kill -0 "$1"', String(pid)) },
  {
    title: 'read the environment of a process',
    command: ({ pid }) => shell('grep -q . "/proc/$1/environ"', String(pid)),
  },
  { title: 'mount a file system', command: () => shell('mount -t tmpfs none "$HOME"') },
];

/** A program that would go on for ever where no limit stops it; each bounds itself as well. */
export interface LimitAttempt {
  readonly title: string;
  readonly limit: SandboxLimit;
  readonly command: readonly [string, ...string[]];
}

export const LIMITS_OF_PROOF = { processes: 40, memoryMb: 192, diskMb: 32 } as const;

export const LIMIT_ATTEMPTS: readonly LimitAttempt[] = [
  {
    title: 'start processes without end',
    limit: 'processes',
    command: shell('i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done; wait'),
  },
  {
    title: 'use memory without end',
    limit: 'memory',
    command: node(
      'const kept = []; const grow = () => { kept.push(Buffer.alloc(16e6, 1)); if (kept.length < 64) setTimeout(grow, 20); else setTimeout(() => {}, 20000); }; grow()',
    ),
  },
  {
    title: 'fill the disk',
    limit: 'disk',
    command: shell(
      'i=0; while [ $i -lt 100 ]; do head -c 2000000 /dev/zero >"fill$i" || break; i=$((i+1)); done; sleep 20',
    ),
  },
];
