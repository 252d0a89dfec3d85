import type { Logger, SandboxLimits } from '@agentswarm/core';
import type { RegistrySettings } from '../egress/registry-settings.ts';
import type { MachineTime } from '../process/machine-time.ts';
import type { MethodParams } from './protocol/messages.ts';
import type { ModalCredentials } from './shim/open-shim.ts';

/** An image by its id, by the name it was published under, or from a registry. */
export type ModalImage = NonNullable<MethodParams<'sandbox.create'>['image']>;

/** Where and as whom sandboxes are made. */
export interface ModalAccount {
  /** Name of the app that holds them; made when missing. */
  readonly app: string;
  /** Which of Modal's two kinds of sandboxes. Default `v1`. */
  readonly kind?: 'v1' | 'v2';
  /** Default: the account's. */
  readonly environment?: string;
  /** Default: Modal's own. */
  readonly serverUrl?: string;
  /** Default: the profile of the Modal command. */
  readonly credentials?: ModalCredentials;
}

/** How remote sandboxes are made, and what of this machine is needed for it. */
export interface ModalBackendOptions {
  /** Absolute folder for what this machine knows of its sandboxes; made when missing. */
  readonly root: string;
  readonly account: ModalAccount;
  /** The process that talks to Modal. */
  readonly shim: {
    /** Interpreter that has the SDK installed. */
    readonly python: string;
    /** Folder that holds the package `modal_shim`. */
    readonly folder: string;
    /** Of the caller; only what the SDK needs is passed on. */
    readonly env: Readonly<Record<string, string | undefined>>;
  };
  /** What sandboxes start from whose spec names no image. It needs git, Node and the program of `guardCommand`. */
  readonly image: ModalImage;
  /** Images that a spec may name; an id (`im-…`) needs no entry. */
  readonly images?: Readonly<Record<string, ModalImage>>;
  /** Starts this package's guard inside: Node and the path of `guard.js`, as seen in the image. */
  readonly guardCommand: readonly [string, ...string[]];
  /** PATH of the host, for git. */
  readonly path?: string;
  /** For installing dependencies, network `registries` and lists of hosts. */
  readonly registry?: RegistrySettings;
  /** For sandboxes whose spec names none. Default: 4 cores, 8 GiB, 512 processes, 10 GiB of disk. */
  readonly limits?: SandboxLimits;
  readonly logger?: Logger;
  /** Default: this machine's. */
  readonly time?: MachineTime;
}
