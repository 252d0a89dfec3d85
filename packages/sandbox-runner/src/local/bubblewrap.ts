import type { NetworkPolicy } from '@agentswarm/core';

/** A host path and the name it gets inside. */
export interface Mount {
  readonly from: string;
  readonly to: string;
}

/** All that processes inside see of a file system. */
export interface FileView {
  readonly links: readonly { readonly target: string; readonly path: string }[];
  /** Folder for temporary files, which may hold mount points of what is shown read-only. */
  readonly temp: Mount;
  readonly readOnly: readonly Mount[];
  /** Host folders hidden behind an empty, read-only one. */
  readonly hidden: readonly string[];
  readonly writable: readonly Mount[];
  /** Mounted read-only after the writable ones, which may hold their mount points. */
  readonly readOnlyLast: readonly Mount[];
  /** Files that must read as empty: shown as `emptyFile`, since a device cannot be opened through a mount. */
  readonly blanked: readonly string[];
  readonly emptyFile: string;
  /** Writable folders in front of what is read-only. */
  readonly scratch: readonly Mount[];
}

export interface BubblewrapRequest {
  readonly view: FileView;
  readonly network: NetworkPolicy;
  readonly nestingForbidden: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const OWNER = ['--unshare-user', '--uid', '1000', '--gid', '1000'];

/** Files look as if owned like inside; nothing else is held back. */
export const OWNER_ONLY: readonly string[] = [...OWNER, '--die-with-parent'];

const NAMESPACES = [
  OWNER,
  ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', 'sandbox', '--unshare-cgroup-try'],
  ['--cap-drop', 'ALL', '--die-with-parent', '--new-session'],
].flat();

/** The smallest sandbox of the same kind, to try whether this machine allows it. */
export const PROBE_ARGUMENTS: readonly string[] = [
  ...NAMESPACES,
  '--unshare-net',
  ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'],
];

/** Builds the options of `bwrap`, without program and command. */
export function bubblewrapArguments(request: BubblewrapRequest): string[] {
  const { view } = request;
  const guards = guardsOf(view);
  const bind = (option: string) => (mount: Mount) => [option, mount.from, mount.to];
  return [
    ...NAMESPACES,
    ...(request.network === 'open' ? [] : ['--unshare-net']),
    ...(request.nestingForbidden ? ['--disable-userns'] : []),
    ...['--perms', '0755', '--dir', '/workspace'],
    ...bind('--bind')(view.temp),
    ...guards.flatMap((path) => ['--tmpfs', path]),
    ...withoutNested(view.readOnly).flatMap(bind('--ro-bind')),
    ...view.links.flatMap((link) => ['--symlink', link.target, link.path]),
    ...view.hidden.flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...view.writable.flatMap(bind('--bind')),
    ...view.readOnlyLast.flatMap(bind('--ro-bind')),
    ...view.blanked.flatMap((path) => ['--ro-bind', view.emptyFile, path]),
    ...view.scratch.flatMap(bind('--bind')),
    ...[...guards, '/dev', '/'].flatMap((path) => ['--remount-ro', path]),
    ...['--chdir', request.cwd, '--clearenv'],
    ...Object.entries(request.env).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}

/**
 * Folders of the temporary one that only lead to something shown. A sandbox could put a link in the place of
 * its own folder, and have mount points made wherever it leads; in the place of a mount it cannot.
 */
function guardsOf({ temp, readOnly, hidden }: FileView): string[] {
  const shown = new Set([...readOnly.map(({ to }) => to), ...hidden]);
  const firsts = [...shown]
    .filter((path) => path.startsWith(`${temp.to}/`))
    .map((path) => `${temp.to}/${path.slice(temp.to.length + 1).split('/', 1)[0]}`);
  return [...new Set(firsts)].filter((path) => !shown.has(path));
}

/** Drops mounts that another one, of the folder above under the same name, already shows. */
function withoutNested(mounts: readonly Mount[]): Mount[] {
  const ordered = mounts.toSorted((a, b) => (a.to < b.to ? -1 : 1));
  const kept: Mount[] = [];
  for (const mount of ordered) {
    const shown = kept.some(({ from, to }) => {
      if (from === mount.from && to === mount.to) return true;
      return mount.to.startsWith(`${to}/`) && mount.from === from + mount.to.slice(to.length);
    });
    if (!shown) kept.push(mount);
  }
  return kept;
}
