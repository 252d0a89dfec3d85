import type { BranchName, CommitSha } from '../ids.ts';
import type { Secret } from '../secret.ts';

/**
 * What a sandbox may reach: nothing, only the model gateway, only the package registries that the backend
 * was told of, only the hosts of a list, or everything.
 */
export type NetworkPolicy = 'none' | 'gateway' | 'registries' | 'open' | AllowedHosts;

/** The hosts of a list, the model gateway where the spec names one, and nothing else. */
export interface AllowedHosts {
  /**
   * `example.org` (ports 80 and 443), `example.org:8443`, or `*.example.org` for every name below it, but
   * not for itself. A name that leads to a loopback, private or link-local address is refused; an address
   * of that kind can be reached only where the list names it as an address. Only HTTP and TLS lead there.
   */
  readonly allow: readonly string[];
}

/** Why a sandbox exists; found again by these after a crash. */
export interface SandboxLabels {
  readonly run: string;
  readonly purpose: 'attempt' | 'gate' | 'dependencies' | 'command';
  readonly task?: string;
  readonly attempt?: string;
}

/**
 * Bounds of everything that runs in a sandbox together. Reaching one ends all its commands by force; its files
 * stay readable, and later commands run if they fit: after `disk`, those that write no more.
 */
export interface SandboxLimits {
  /** Cores that it is scheduled on, rounded up; an aid that a hostile process may undo. Default: all. */
  readonly cpuCores?: number;
  /** Processor seconds. Default: no bound of its own. */
  readonly cpuSeconds?: number;
  /** Resident memory in MiB, files in memory included. Default: the backend's. */
  readonly memoryMb?: number;
  /** What all its folders hold, in MiB, a checkout of its own included. Default: the backend's. */
  readonly diskMb?: number;
  /** Size of one file in MiB; a write beyond it fails, the command goes on. Default: `diskMb`. */
  readonly fileMb?: number;
  /** Processes at a time. Default: the backend's. */
  readonly processes?: number;
}

/** A limit that was reached. */
export type SandboxLimit = 'cpu_time' | 'memory' | 'disk' | 'processes';

export interface SandboxSpec {
  readonly labels: SandboxLabels;
  /** What it runs on: the machine of the backend, or an image that the backend knows. Default `host`. */
  readonly image?: string;
  /** Checked out into the work directory: a commit of a repository on the host, on a branch of its own. */
  readonly source?: {
    readonly repository: string;
    readonly commit: CommitSha;
    readonly branch: BranchName;
  };
  /**
   * `own`: a checkout of its own. `overlay`: changes in front of a checkout that the backend shares between
   * sandboxes, where it can, which is cheaper for big trees; a folder of the commit cannot then be renamed
   * in one step. `auto`: an overlay for big trees. Commands see exactly the commit in each case. Default `auto`.
   */
  readonly checkout?: 'own' | 'overlay' | 'auto';
  /** Folder of the checkout that commands start in, relative. Default: its top. */
  readonly workdir?: string;
  /** Puts the dependencies that the commit's lockfile pins into the checkout, read-only. Default false. */
  readonly dependencies?: boolean;
  /** Default `none`. */
  readonly network?: NetworkPolicy;
  /** The model gateway on the host, for network `gateway` or a list of hosts: path of its Unix socket. */
  readonly gatewaySocket?: string;
  /** The whole environment besides what the backend sets (HOME, PATH, TMPDIR, caches, ports). */
  readonly env?: Readonly<Record<string, string>>;
  /** More environment, never seen in an argument list or a record of the sandbox. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  readonly limits?: SandboxLimits;
  /** Ends the sandbox after this long, counted from its creation or last renewal. Default: no limit. */
  readonly wallTimeoutMs?: number;
  /** Ends the sandbox when no command ran for this long. Default: no limit. */
  readonly idleTimeoutMs?: number;
}
