import type { SandboxBounds } from '../limits/limit-keeper.ts';
import type { SandboxNetwork } from '../network/sandbox-network.ts';
import type { ProcessRequest } from '../spawn.ts';
import type { HostWrap } from '../commits/host-git.ts';
import type { Overlay } from './overlay.ts';

/** The folders of one sandbox. */
export type PlaceName = 'workdir' | 'control' | 'intake' | 'home' | 'temp' | 'shm' | 'scratch' | 'bin';

/** One folder by its two names; they are the same where nothing is remapped. */
interface Place {
  readonly host: string;
  readonly inside: string;
}

export type Places = Readonly<Record<PlaceName, Place>>;

/** What makes one sandbox different from the next, for as long as it lives. */
export interface SandboxSetting {
  readonly id: string;
  readonly places: Places;
  readonly network: SandboxNetwork;
  readonly bounds: SandboxBounds;
  /** Object directories on the host that the checkout borrows from. */
  readonly borrowed: readonly string[];
  /** Shows a kept tree as the work directory, whose own folder then holds the changes only. */
  readonly overlay?: Overlay;
  /** Where commands start, by its inside name. Default: the top of the work directory. */
  readonly startIn?: string;
  /** Host folder of installed dependencies. */
  readonly layer?: string;
}

interface CommandRequest {
  /** Unique on this machine; labels the processes of this command. */
  readonly execId: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | AsyncIterable<Uint8Array>;
}

/** One way to hold commands in: what they see, and how they are started and ended. */
export interface Confinement {
  /** For people. */
  readonly description: string;
  /** A process reports a signal of its command as exit code 128 + number. */
  readonly wraps: boolean;
  /** Loopback ports of the host are out of reach of a command unless its network is open; a mounted socket is not. */
  readonly cutsOffPorts: boolean;
  /** Dependency layers are mounted rather than linked. */
  readonly mountsLayers: boolean;
  /** Whether overlays in a folder can be shown as work directories; absent where there are none. */
  readonly canOverlay?: (folder: string) => Promise<boolean>;
  /** Lets a trusted program of the host see who owns a file as commands see it; absent where that is the same. */
  readonly asOwner?: HostWrap;
  /** Folders of the sandbox kept in `folder`. */
  places(folder: string): Places;
  /** How the `index`th borrowed object directory is named inside. */
  borrowedPath(objects: string, index: number): string;
  /** How the gateway's socket is named inside. */
  gatewayPath(socket: string): string;
  /** PATH, and what else the tools on it need. */
  environment(places: Places): Readonly<Record<string, string>>;
  /** @throws {SandboxError} SANDBOX_SETUP_FAILED when the sandbox tampered with its own mount points. */
  wrap(setting: SandboxSetting, request: CommandRequest): ProcessRequest;
  askToEnd(pid: number): Promise<void>;
  /** Kills the processes that carry a label (`NAME=value`), where ending the first one does not end them. */
  sweep(label: string): Promise<void>;
}

const PLACE_FOLDERS: Readonly<Record<PlaceName, string>> = {
  workdir: 'repo',
  control: 'control',
  intake: 'intake.git',
  home: 'home',
  temp: 'tmp',
  shm: 'shm',
  scratch: 'scratch',
  bin: 'bin',
};

/** Names each folder on the host and, by `insideOf`, inside. */
export function placesIn(folder: string, insideOf: (name: PlaceName, host: string) => string): Places {
  const place = (name: PlaceName): Place => {
    const host = `${folder}/${PLACE_FOLDERS[name]}`;
    return { host, inside: insideOf(name, host) };
  };
  return {
    workdir: place('workdir'),
    control: place('control'),
    intake: place('intake'),
    home: place('home'),
    temp: place('temp'),
    shm: place('shm'),
    scratch: place('scratch'),
    bin: place('bin'),
  };
}
