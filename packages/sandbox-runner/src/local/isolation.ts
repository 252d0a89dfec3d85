import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { tryProgram } from '../spawn.ts';
import { PROBE_ARGUMENTS } from './bubblewrap.ts';

/** What holds a local sandbox together. */
export type Mechanism = 'bubblewrap' | 'seatbelt' | 'none';

/** Whether this machine can isolate, found out by trying. */
export interface IsolationProbe {
  /** The mechanism of this platform; `none` where there is no known one. */
  readonly mechanism: Mechanism;
  readonly usable: boolean;
  /** Present when not usable. */
  readonly reason?: string;
  /** The program that isolates. */
  readonly program?: string;
  /** Processes inside cannot make user namespaces of their own. */
  readonly nestingForbidden?: boolean;
}

/**
 * Tries this platform's isolation by running `true` in it.
 *
 * @param options.path - PATH to look for `bwrap` in, besides the system's directories.
 */
export function probeIsolation(options: { readonly path?: string } = {}): IsolationProbe {
  switch (process.platform) {
    case 'linux':
      return probeBubblewrap(options.path ?? '');
    case 'darwin':
      return probeSeatbelt();
    default:
      return { mechanism: 'none', usable: false, reason: `no isolation is known for ${process.platform}` };
  }
}

function probeBubblewrap(path: string): IsolationProbe {
  const program = [...path.split(delimiter), '/usr/local/bin', '/usr/bin', '/bin']
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, 'bwrap'))
    .find((candidate) => existsSync(candidate));
  if (program === undefined) {
    return { mechanism: 'bubblewrap', usable: false, reason: 'the program bwrap is not installed' };
  }
  const strict = tryProgram(program, [...PROBE_ARGUMENTS, '--disable-userns', 'true'], {
    PATH: '/usr/bin:/bin',
  });
  if (strict === undefined) {
    return { mechanism: 'bubblewrap', usable: true, program, nestingForbidden: true };
  }
  const plain = tryProgram(program, [...PROBE_ARGUMENTS, 'true'], { PATH: '/usr/bin:/bin' });
  return plain === undefined
    ? { mechanism: 'bubblewrap', usable: true, program, nestingForbidden: false }
    : { mechanism: 'bubblewrap', usable: false, program, reason: plain };
}

function probeSeatbelt(): IsolationProbe {
  const program = '/usr/bin/sandbox-exec';
  const reason = tryProgram(program, ['-p', '(version 1)(allow default)', '/usr/bin/true'], {});
  return reason === undefined
    ? { mechanism: 'seatbelt', usable: true, program }
    : { mechanism: 'seatbelt', usable: false, program, reason };
}
