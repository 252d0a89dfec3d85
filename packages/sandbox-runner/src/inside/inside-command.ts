import type { ExecHandle, ExecResult } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';

const MAX_MESSAGE_BYTES = 16 * 1024;
/** Messages as we know them, and archives without the resource forks of macOS. */
const ENVIRONMENT = { LC_ALL: 'C', COPYFILE_DISABLE: '1' };

/** A place in a sandbox: a folder of its own by its inside name, and a path below it. */
export interface InsidePath {
  readonly folder: string;
  readonly relative: string;
}

/** A command of the backend's own. */
export interface InsideCommand {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly maxOutputBytes: number;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs it in the sandbox, as confined as any other. */
export type RunInside = (command: InsideCommand) => ExecHandle;

interface ScriptRequest extends Pick<InsideCommand, 'stdin' | 'timeoutMs' | 'signal'> {
  readonly script: string;
  readonly path: InsidePath;
  readonly argument?: string;
}

/** Exit codes of the scripts, besides those of the programs they become. */
export const SCRIPT_EXITS = { missing: 65, refused: 66 } as const;

/** Starts one of the scripts for files; the path must be plain, whatever it leads to. */
export function startScript(run: RunInside, request: ScriptRequest): ExecHandle {
  const { script, path, argument = '', ...how } = request;
  const command = ['/bin/sh', '-c', script, 'sh', path.folder, plainPath(path), argument] as const;
  return run({
    command: [...command],
    env: ENVIRONMENT,
    cwd: '/',
    maxOutputBytes: MAX_MESSAGE_BYTES,
    ...how,
  });
}

function plainPath({ relative }: InsidePath): string {
  const names = relative.split('/').filter((name) => name !== '' && name !== '.');
  if (!names.includes('..') && !relative.includes('\0')) return names.join('/');
  throw new SandboxError('SANDBOX_FILE_REFUSED', `${relative} is not the path of a file`, {
    details: { file: relative },
  });
}

interface ScriptFailure {
  readonly missing: boolean;
  /** To be said of the path. */
  readonly why: string;
}

/** Why a script did not do it; undefined when it did. @throws what ended it, when nobody refused anything. */
export function scriptFailure(result: ExecResult, signal?: AbortSignal): ScriptFailure | undefined {
  // First, because what came before the connection broke may look like a refusal.
  if (result.reason === 'lost') {
    throw new SandboxError('SANDBOX_STREAM_LOST', 'the connection to the sandbox broke meanwhile');
  }
  signal?.throwIfAborted();
  if (result.reason === 'aborted') {
    throw new SandboxError('SANDBOX_TERMINATED', 'the sandbox ended meanwhile');
  }
  if (result.reason === 'not_started') {
    throw new SandboxError('SANDBOX_SETUP_FAILED', `no command can be started: ${result.stderr.trim()}`);
  }
  if (result.exitCode === 0) return undefined;
  if (result.exitCode === SCRIPT_EXITS.missing) return { missing: true, why: 'does not exist' };
  const refused = result.exitCode === SCRIPT_EXITS.refused;
  const told = `could not be handled (${result.reason}): ${result.stderr.trim().slice(-500)}`;
  return { missing: false, why: refused ? 'is not of the right kind, or leads through a link' : told };
}
