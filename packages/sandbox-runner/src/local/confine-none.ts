import { killLabelledProcesses, processLabels } from '../process/process-table.ts';
import { signalProcess } from '../process/signal-process.ts';
import { placesIn, type Confinement } from './confinement.ts';

/** No isolation: own folders, environment and process group, nothing more. */
export function confineNothing(options: { readonly path: string }): Confinement {
  return {
    description: 'local (no isolation)',
    wraps: false,
    cutsOffPorts: false,
    mountsLayers: false,
    places: (folder) => placesIn(folder, (_name, host) => host),
    borrowedPath: (objects) => objects,
    gatewayPath: (socket) => socket,
    environment: (places) => ({ PATH: [places.bin.inside, options.path].filter(Boolean).join(':') }),
    wrap: (setting, request) => ({
      file: request.command[0],
      args: request.command.slice(1),
      cwd: request.cwd,
      env: { ...request.env, ...processLabels(setting.id, request.execId) },
      ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
    }),
    askToEnd: async (pid) => {
      signalProcess(-pid, 'SIGTERM');
    },
    sweep: killLabelledProcesses,
  };
}
