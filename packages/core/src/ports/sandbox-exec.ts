import type { Secret } from '../secret.ts';
import type { SandboxLimit } from './sandbox-spec.ts';

export interface ExecRequest {
  /** Program and arguments; no shell unless you name one. */
  readonly command: readonly [string, ...string[]];
  /** Inside the sandbox; default the work directory. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is closed at its end; the way for secrets. Where it fails, the command ends as `aborted`. */
  readonly stdin?: string | Secret | AsyncIterable<Uint8Array>;
  readonly timeoutMs?: number;
  /** Bytes kept of each stream: the head and the tail; default 1 MiB. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

/** How a command ended. A non-zero exit is a result, not an error. */
export interface ExecResult {
  /** `lost`: the connection to it broke, and whether it still runs is not known. */
  readonly reason: 'exited' | 'signalled' | 'timed_out' | 'aborted' | 'over_limit' | 'lost' | 'not_started';
  /** Present for `exited`. */
  readonly exitCode?: number;
  /** Present for `signalled`. */
  readonly signalName?: string;
  /** Present for `over_limit`. */
  readonly limit?: SandboxLimit;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** A part of what a command wrote, as it came. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

export interface ExecHandle {
  /** Standard output line by line, as it comes. Contract: consumed at most once; lines over 1 MiB are cut. */
  readonly lines: AsyncIterable<string>;
  /** Both streams as they come. A slow reader slows the command. Contract: consumed at most once, instead of `lines`. */
  readonly output: AsyncIterable<OutputChunk>;
  readonly result: Promise<ExecResult>;
}
