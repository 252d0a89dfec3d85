import type { CommitSha, BranchName } from '../ids.ts';
import type { GatewayAddress } from '../protocol/assignment.ts';
import type { Secret } from '../secret.ts';

/**
 * What a sandbox may reach: nothing, only the model gateway, only the package registries that the backend
 * was told of, or everything.
 */
export type NetworkPolicy = 'none' | 'gateway' | 'registries' | 'open';

/** Why a sandbox exists; found again by these after a crash. */
export interface SandboxLabels {
  readonly run: string;
  readonly purpose: 'attempt' | 'gate' | 'dependencies' | 'command';
  readonly task?: string;
  readonly attempt?: string;
}

export interface SandboxSpec {
  readonly labels: SandboxLabels;
  /** Checked out into the work directory: a commit of a repository on the host, on a branch of its own. */
  readonly source?: {
    readonly repository: string;
    readonly commit: CommitSha;
    readonly branch: BranchName;
  };
  /**
   * Lets the backend show a checkout that it keeps for several sandboxes and brings up to date, which is
   * cheaper for big trees. Commands see exactly the commit and may change everything, for themselves.
   * Files of the work directory are then for commands only: reading or writing them from outside may be
   * refused. Default false.
   */
  readonly keptTree?: boolean;
  /** Puts the dependencies that the commit's lockfile pins into the checkout, read-only. Default false. */
  readonly dependencies?: boolean;
  /** Default `none`. */
  readonly network?: NetworkPolicy;
  /** The model gateway on the host, for network `gateway`: path of its Unix socket. */
  readonly gatewaySocket?: string;
  /** The whole environment besides HOME, PATH and TMPDIR, which the backend sets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the sandbox after this long. Default: no limit. */
  readonly wallTimeoutMs?: number;
}

/** Paths as seen by processes inside. */
export interface SandboxPaths {
  readonly workdir: string;
  /** Writable, outside the work directory: assignment, handoff. */
  readonly control: string;
  /** Bare repository that takes the branch of `source`. */
  readonly intake: string;
}

export interface ExecRequest {
  /** Program and arguments; no shell unless you name one. */
  readonly command: readonly [string, ...string[]];
  /** Inside the sandbox; default the work directory. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, then closed; the way for secrets. */
  readonly stdin?: string | Secret;
  readonly timeoutMs?: number;
  /** Bytes kept of each stream: the head and the tail; default 1 MiB. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

/** How a command ended. A non-zero exit is a result, not an error. */
export interface ExecResult {
  readonly reason: 'exited' | 'signalled' | 'timed_out' | 'aborted' | 'not_started';
  /** Present for `exited`. */
  readonly exitCode?: number;
  /** Present for `signalled`. */
  readonly signalName?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface ExecHandle {
  /** Standard output line by line, as it comes. Contract: consumed at most once; lines over 1 MiB are cut. */
  readonly lines: AsyncIterable<string>;
  readonly result: Promise<ExecResult>;
}

/** A place where untrusted commands run. Disposing it terminates it. */
export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  readonly labels: SandboxLabels;
  readonly paths: SandboxPaths;
  /** How a process inside reaches the model gateway; present with network `gateway`. */
  readonly gateway?: GatewayAddress;
  exec(request: ExecRequest): ExecHandle;
  /** Reads a file by its inside path. @throws when it is missing, is no regular file or exceeds `maxBytes` (default 10 MiB). */
  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  /**
   * Imports the branch the sandbox pushed to its intake into a repository on the host under `ref`,
   * checked by fsck, running nothing. Undefined when nothing was pushed.
   */
  collect(target: { readonly repository: string; readonly ref: string }): Promise<CommitSha | undefined>;
  /** Ends every process and removes the sandbox. Safe to call twice. */
  terminate(): Promise<void>;
}

/** A sandbox of an earlier process that still exists. */
export interface SandboxSummary {
  readonly id: string;
  readonly labels: SandboxLabels;
}

/** Where sandboxes run. */
export interface SandboxBackend extends AsyncDisposable {
  /** For people: `local (bubblewrap)`, `local (no isolation)`. */
  readonly description: string;
  /** Contract: on failure or abort nothing is left behind. */
  create(spec: SandboxSpec, options?: { readonly signal?: AbortSignal }): Promise<Sandbox>;
  /** Sandboxes whose labels include all of the given ones, those of dead processes too. */
  list(labels: Partial<SandboxLabels>): Promise<readonly SandboxSummary[]>;
  /** Ends and removes the sandboxes found by {@link SandboxBackend.list}; gives their number. */
  reap(labels: Partial<SandboxLabels>): Promise<number>;
}
