import type { CommitSha } from '../ids.ts';
import type { GatewayAddress } from '../protocol/assignment.ts';
import type { ExecHandle, ExecRequest } from './sandbox-exec.ts';
import type { SandboxLabels, SandboxSpec } from './sandbox-spec.ts';

/** Paths as seen by processes inside. */
export interface SandboxPaths {
  readonly workdir: string;
  /** Writable, outside the work directory: assignment, handoff. */
  readonly control: string;
  /** Bare repository that takes the branch of `source`. */
  readonly intake: string;
}

/** A place where untrusted commands run. Disposing it terminates it. */
export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  readonly labels: SandboxLabels;
  readonly paths: SandboxPaths;
  /** How a process inside reaches the model gateway; present where the spec named one. */
  readonly gateway?: GatewayAddress;
  exec(request: ExecRequest): ExecHandle;
  /** Whether any of its commands still runs, also one that another process or an earlier handle started. */
  isBusy(): Promise<boolean>;
  /** Reads a file by its inside path. @throws when it is missing, is no regular file or exceeds `maxBytes` (default 10 MiB). */
  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
  /**
   * Reads a file of the control folder from byte `fromByte` on (default 0), waiting for it to appear and to
   * grow, until `signal` aborts; then it gives what is there already, and ends. Ends with the sandbox.
   *
   * @throws SANDBOX_STREAM_LOST (retryable) when the connection breaks: follow again from where it broke.
   */
  follow(path: string, options: FollowOptions): AsyncIterable<Uint8Array>;
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  /** Copies a folder of the host to an inside path: files, folders, executable bits and links as they are. */
  upload(hostFolder: string, path: string, options?: TransferOptions): Promise<void>;
  /**
   * Copies an inside folder to a new folder on the host: plain files, folders, executable bits, and links
   * that stay within it; commits come by `collect`, so what is named `.git` stays inside. Nothing outside
   * `hostFolder` is ever written or followed, whatever is inside.
   *
   * @throws SANDBOX_TRANSFER_REFUSED when the host folder exists, or what would come is too much or hostile.
   */
  download(path: string, hostFolder: string, options?: TransferOptions): Promise<void>;
  /**
   * Imports the branch the sandbox pushed to its intake into a repository on the host under `ref`,
   * checked by fsck, running nothing. Undefined when nothing was pushed.
   */
  collect(target: { readonly repository: string; readonly ref: string }): Promise<CommitSha | undefined>;
  /** Starts its wall time anew, with another length where one is given. */
  renew(options?: { readonly wallTimeoutMs?: number }): Promise<void>;
  /**
   * Gives up this handle and ends no command of others; the sandbox stays until it is reaped or attached.
   * Commands of this handle may end with it.
   */
  detach(): Promise<void>;
  /** Ends every process and removes the sandbox. Safe to call twice. */
  terminate(): Promise<void>;
}

export interface FollowOptions {
  readonly fromByte?: number;
  readonly signal: AbortSignal;
}

export interface TransferOptions {
  /** Default 1 GiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** A sandbox that exists, of this process or another. */
export interface SandboxSummary {
  readonly id: string;
  readonly labels: SandboxLabels;
  /** When it was made, in milliseconds since 1970. */
  readonly createdAtMs: number;
  /** `held`: a living process holds it. `detached`: given up on purpose. `orphaned`: its process died. */
  readonly state: 'held' | 'detached' | 'orphaned';
}

/** Where sandboxes run. */
export interface SandboxBackend extends AsyncDisposable {
  /** For people: `local (bubblewrap)`, `local (no isolation)`. */
  readonly description: string;
  /**
   * Contract: on failure or abort nothing is left behind.
   *
   * @throws SANDBOX_SPEC_INVALID, or SANDBOX_UNSUPPORTED for what this backend has not, such as an image.
   */
  create(spec: SandboxSpec, options?: { readonly signal?: AbortSignal }): Promise<Sandbox>;
  /**
   * Opens a sandbox that exists. One that nobody holds becomes this process's, with the time limits and the
   * environment it was made with, but without its secrets. Of one that another process holds, the handle is a guest's: disposing it detaches.
   *
   * @throws SANDBOX_NOT_FOUND
   */
  attach(id: string, options?: { readonly signal?: AbortSignal }): Promise<Sandbox>;
  /** Sandboxes whose labels include all of the given ones, those of dead processes too. */
  list(labels: Partial<SandboxLabels>): Promise<readonly SandboxSummary[]>;
  /**
   * Ends and removes the sandboxes found by {@link SandboxBackend.list} that no other living process holds;
   * detached ones only when their time is over, or `detached` is set. Gives their number.
   */
  reap(labels: Partial<SandboxLabels>, options?: { readonly detached?: boolean }): Promise<number>;
}
