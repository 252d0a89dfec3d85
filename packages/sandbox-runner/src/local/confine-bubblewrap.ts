import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { behindRelay, findRelay } from '../egress/relay.ts';
import { errnoOf, SandboxError } from '../errors.ts';
import type { SandboxNetwork } from '../network/sandbox-network.ts';
import { killLabelledProcesses, listDescendants, processLabels } from '../process/process-table.ts';
import { signalProcess } from '../process/signal-process.ts';
import { createTaskBound } from '../limits/task-bound.ts';
import type { ProcessRequest } from '../spawn.ts';
import { bubblewrapArguments, OWNER_ONLY, type FileView, type Mount } from './bubblewrap.ts';
import { placesIn, type Confinement, type PlaceName, type SandboxSetting } from './confinement.ts';
import { SCRATCH_FOLDERS } from '../dependencies/layer-format.ts';
import { canOverlay, withOverlay } from './overlay.ts';
import { readProcView } from './proc-view.ts';
import { emptyFileIn, emptyFolderIn, readSystemView } from './system-view.ts';
import { syscallFilter } from './syscall-filter.ts';
import { readToolchainView, toolchainEnvironment, type ToolchainView } from './toolchain-view.ts';

const INSIDE: Readonly<Record<PlaceName, string>> = {
  workdir: '/workspace/repo',
  control: '/workspace/control',
  intake: '/workspace/intake.git',
  home: '/workspace/home',
  temp: '/tmp',
  shm: '/dev/shm',
  scratch: '/workspace/scratch',
  bin: '/workspace/bin',
};
const GATEWAY = '/workspace/gateway.sock';
const EGRESS = '/workspace/egress.sock';

export interface BubblewrapOptions {
  readonly program: string;
  readonly nestingForbidden: boolean;
  /** Folder of all sandboxes and layers, never shown as a whole. */
  readonly root: string;
  /** Holds the generated files of `/etc`. */
  readonly etcFolder: string;
  readonly readOnlyPaths: readonly string[];
  /** PATH of the host. */
  readonly path: string;
  readonly homes: readonly string[];
}

/** Linux: namespaces of its own for every command, with only the sandbox's folders writable. */
export function confineWithBubblewrap(options: BubblewrapOptions): Confinement {
  const toolchains = readToolchainView(options.path, options.homes);
  const filter = syscallFilter(process.arch);
  const viewOf = createViews(options, toolchains);
  const boundTasks = createTaskBound();
  return {
    description: 'local (bubblewrap)',
    wraps: true,
    cutsOffPorts: true,
    mountsLayers: true,
    canOverlay: (folder) => canOverlay(folder, options.program),
    // git compares owners with those it remembers, and reads every file of the checkout when they differ.
    asOwner: ({ file, args }) => ({
      file: options.program,
      args: [...OWNER_ONLY, '--dev-bind', '/', '/', '--', file, ...args],
    }),
    places: (folder) => placesIn(folder, (name) => INSIDE[name]),
    borrowedPath,
    gatewayPath: () => GATEWAY,
    environment: (places) => toolchainEnvironment(toolchains, places),
    wrap: (setting, request) => {
      const label = processLabels(setting.id, request.execId);
      const args = bubblewrapArguments({
        view: viewOf(setting),
        network: setting.network.policy,
        nestingForbidden: options.nestingForbidden,
        env: { ...request.env, ...label },
        cwd: request.cwd,
      });
      if (filter !== undefined) args.push('--seccomp', '4');
      const confined: ProcessRequest = {
        file: options.program,
        args: [
          '--args',
          '3',
          '--',
          ...boundTasks(commandOf(setting, request.command), setting.bounds.limits),
        ],
        cwd: '/',
        env: label,
        ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
        descriptor3: args.map((argument) => `${argument}\0`).join(''),
        ...(filter === undefined ? {} : { descriptor4: filter }),
      };
      return setting.overlay === undefined ? confined : withOverlay(setting.overlay, confined);
    },
    askToEnd,
    // The kernel ends a namespace with its first process, but a moment after bwrap itself: wait for it.
    sweep: killLabelledProcesses,
  };
}

/** Looks at the host once, and then decides for each sandbox what it sees. */
function createViews(options: BubblewrapOptions, toolchains: ToolchainView) {
  const system = {
    open: readSystemView(options.etcFolder, 'open'),
    closed: readSystemView(options.etcFolder, 'closed'),
  };
  const proc = readProcView(emptyFolderIn(options.etcFolder));
  const shown = [...options.readOnlyPaths, ...toolchains.folders].filter((path) => existsSync(path));
  const fixed: Mount[] = shown.flatMap((path) => [
    { from: realpathSync(path), to: path },
    { from: realpathSync(path), to: realpathSync(path) },
  ]);
  const hidden = fixed.some(({ from }) => isWithin(options.root, from)) ? [options.root] : [];

  return (setting: SandboxSetting): FileView => {
    const base = setting.network.policy === 'open' ? system.open : system.closed;
    const { workdir, bin, temp, control, intake, home, shm, scratch } = setting.places;
    const borrowed = setting.borrowed.map((from, index) => ({ from, to: borrowedPath(from, index) }));
    return {
      links: base.links,
      temp: { from: temp.host, to: temp.inside },
      readOnly: [...base.readOnly, ...fixed],
      hidden,
      writable: [
        { from: setting.overlay?.merged ?? workdir.host, to: workdir.inside },
        ...[control, intake, home, shm].map(({ host, inside }) => ({ from: host, to: inside })),
      ],
      readOnlyLast: [
        ...proc.readOnly,
        { from: bin.host, to: bin.inside },
        ...borrowed,
        ...networkMounts(setting.network),
        ...(setting.layer === undefined ? [] : [layerMount(setting, setting.layer)]),
      ],
      blanked: [
        ...base.blanked,
        ...proc.blanked,
        ...toolchains.secrets,
        ...borrowed.flatMap(listOfAlternates),
      ],
      emptyFile: emptyFileIn(options.etcFolder),
      scratch:
        setting.layer === undefined
          ? []
          : SCRATCH_FOLDERS.map((name) => ({
              from: `${scratch.host}/${name}`,
              to: `${workdir.inside}/node_modules/${name}`,
            })),
    };
  };
}

/** Named by its ending as a module, since no package.json inside says so. */
function relayInside(): string {
  return findRelay().endsWith('.ts') ? '/workspace/relay.mts' : '/workspace/relay.mjs';
}

function networkMounts({ gatewaySocket, egress }: SandboxNetwork): Mount[] {
  return [
    ...(gatewaySocket === undefined ? [] : [{ from: gatewaySocket, to: GATEWAY }]),
    ...(egress?.socketPath === undefined
      ? []
      : [
          { from: egress.socketPath, to: EGRESS },
          { from: findRelay(), to: relayInside() },
        ]),
  ];
}

function commandOf(
  setting: SandboxSetting,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (setting.network.egress?.socketPath === undefined) return command;
  return behindRelay(command, { relay: relayInside(), socket: EGRESS });
}

/** The alternates of a borrowed store name host paths, and are borrowed themselves. */
function listOfAlternates(borrowed: Mount): string[] {
  return existsSync(`${borrowed.from}/info/alternates`) ? [`${borrowed.to}/info/alternates`] : [];
}

async function askToEnd(pid: number): Promise<void> {
  const descendants = await listDescendants(pid);
  // The first is the namespace's own; without a second there is no command that could clean up.
  if (descendants.length < 2) signalProcess(-pid, 'SIGKILL');
  for (const descendant of descendants) signalProcess(descendant, 'SIGTERM');
}

function borrowedPath(_objects: string, index: number): string {
  return `/workspace/store/${index}`;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The mount point lies in a folder the sandbox may write, so it is checked each time. */
function layerMount(setting: SandboxSetting, layer: string): Mount {
  const { workdir } = setting.places;
  const point = `${workdir.host}/node_modules`;
  if (!isFolder(point)) {
    throw new SandboxError('SANDBOX_SETUP_FAILED', `node_modules of sandbox ${setting.id} is no folder`, {
      details: { sandbox: setting.id },
    });
  }
  return { from: `${layer}/node_modules`, to: `${workdir.inside}/node_modules` };
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
