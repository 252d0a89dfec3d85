import type { ExecResult, NetworkPolicy, Sandbox, SandboxSpec } from '@agentswarm/core';
import type { SourceRepository } from '../../src/conformance/source-repository.ts';

export type Isolation = 'auto' | 'none';

/** A machine with secrets, services and processes that no sandbox may reach. */
export interface EscapeHost extends AsyncDisposable {
  /** Writable for everybody on this machine. */
  readonly outside: string;
  /** The user's own. */
  readonly home: string;
  /** Folder in `home` with files of the kinds that hold credentials, all with the canary in them. */
  readonly credentials: string;
  readonly source: SourceRepository;
  /** The secret file in `outside` by its number on the disk, as the kernel names it, in hexadecimal. */
  readonly handle: string | undefined;
  /** A process that nobody may touch. It has the secret file open. */
  readonly victim: number;
  /** Number of a segment of shared memory. */
  readonly sharedMemory: string | undefined;
  /** Answers with the canary on every address, IPv6 too. */
  readonly tcpPort: number;
  /** Answers every packet with the canary. */
  readonly udpPort: number;
  /** Listening Unix sockets, in the places where people have such. */
  readonly sockets: readonly string[];
  /** Name of a listening abstract Unix socket. */
  readonly abstractSocket: string;
  /** Address of this machine in its network, if it is in one. */
  readonly address: string | undefined;
  run(isolation: Isolation, attempt: Pick<Attempt, 'script' | 'network' | 'spec'>): Promise<ExecResult>;
  /** Makes a sandbox that ends with the host. */
  open(isolation: Isolation): Promise<Sandbox>;
  /** Why an attempt with these needs cannot be made. */
  missing(isolation: Isolation, needs: readonly string[]): Promise<string | undefined>;
}

/** What an attempt works with: this machine as it really is, and the folder of all sandboxes. */
export interface Place {
  readonly host: EscapeHost;
  /** Root folder of the backend that the attempt runs in. */
  readonly root: string;
}

/** One attempt to leave the sandbox. */
export interface Attempt {
  /** Continues `does not let a command …`. */
  readonly title: string;
  /** A bash script that exits with 0 when the attempt SUCCEEDS. */
  readonly script: (place: Place) => string;
  /** Programs without which it is no attempt at all. */
  readonly needs?: readonly string[];
  readonly network?: NetworkPolicy;
  readonly spec?: Partial<SandboxSpec>;
  /**
   * Why it is not shown to succeed without the sandbox. Then `refusal` must be found in its output, so
   * that an attempt that is merely broken does not count as one that was held.
   */
  readonly onlyInside?: string;
  readonly refusal?: RegExp;
  /** Why it cannot succeed on this machine even without a sandbox; undefined when it can. */
  readonly cannotSucceed?: (host: EscapeHost) => string | undefined;
}

/** For `cannotSucceed`: attempts that are for the superuser anyway. */
export function needsRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'only the superuser could';
}

/** A node program as a bash command. */
export function node(program: string): string {
  return `node - <<'END_OF_PROGRAM'\n${program}\nEND_OF_PROGRAM`;
}

/** A perl program as a bash command. */
export function perl(program: string): string {
  return `perl - <<'END_OF_PROGRAM'\n${program}\nEND_OF_PROGRAM`;
}

/** A python program as a bash command. */
export function python(program: string): string {
  return `python3 - <<'END_OF_PROGRAM'\n${program}\nEND_OF_PROGRAM`;
}
