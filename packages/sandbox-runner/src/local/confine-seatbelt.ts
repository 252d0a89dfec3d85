import { killLabelledProcesses, processLabels } from '../process/process-table.ts';
import { signalProcess } from '../process/signal-process.ts';
import { placesIn, type Confinement } from './confinement.ts';
import { seatbeltProfile } from './seatbelt.ts';
import { readToolchainView, toolchainEnvironment } from './toolchain-view.ts';

export interface SeatbeltOptions {
  readonly program: string;
  readonly readOnlyPaths: readonly string[];
  /** PATH of the host. */
  readonly path: string;
  readonly homes: readonly string[];
}

/** macOS: host paths, with a profile that limits what may be read, written and connected to. */
export function confineWithSeatbelt(options: SeatbeltOptions): Confinement {
  const toolchains = readToolchainView(options.path, options.homes);
  return {
    description: 'local (seatbelt)',
    wraps: false,
    cutsOffPorts: false,
    mountsLayers: false,
    places: (folder) => placesIn(folder, (_name, host) => host),
    borrowedPath: (objects) => objects,
    gatewayPath: (socket) => socket,
    environment: (places) => toolchainEnvironment(toolchains, places),
    wrap: (setting, request) => {
      const { bin, ...writable } = setting.places;
      const { policy, ports, gatewaySocket, egress } = setting.network;
      const profile = seatbeltProfile({
        readOnly: [
          bin.host,
          ...options.readOnlyPaths,
          ...toolchains.folders,
          ...setting.borrowed,
          ...(setting.layer === undefined ? [] : [setting.layer]),
        ],
        writable: Object.values(writable).map((place) => place.host),
        denied: toolchains.secrets,
        network: {
          policy,
          ports,
          ...(gatewaySocket === undefined ? {} : { gatewaySocket }),
          ...(egress?.port === undefined ? {} : { proxyPort: egress.port }),
        },
      });
      return {
        file: options.program,
        args: ['-p', profile, ...request.command],
        cwd: request.cwd,
        env: { ...request.env, ...processLabels(setting.id, request.execId) },
        ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
      };
    },
    askToEnd: async (pid) => {
      signalProcess(-pid, 'SIGTERM');
    },
    sweep: killLabelledProcesses,
  };
}
