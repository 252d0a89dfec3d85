import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { errnoOf } from '../errors.ts';
import type { Places } from './confinement.ts';

/** Tools of the host that are not part of its operating system. */
export interface ToolchainView {
  /** Folders to show read-only under their own name. */
  readonly folders: readonly string[];
  /** PATH inside, the system's directories last. */
  readonly searchPath: readonly string[];
  /** Where `.cargo/bin` finds its toolchains, HOME being another inside. */
  readonly rustupHome?: string;
  /** Files within `folders` that hold credentials. */
  readonly secrets: readonly string[];
}

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const SYSTEM_FOLDERS = /^\/(?:usr|bin|sbin|lib|lib32|lib64)(?:\/|$)/;
const BIN_NAMES = new Set(['bin', 'sbin', 'shims']);
/** An installation keeps what its programs need beside them. */
const INSTALLATION_MARKS = ['lib', 'libexec', 'versions', 'pkg'];
/** Folders of a home directory that hold more than tools. */
const PERSONAL_FOLDERS = new Set([
  '.local',
  '.cargo',
  '.config',
  '.cache',
  '.ssh',
  '.aws',
  '.gnupg',
  '.kube',
  '.docker',
]);
const SECRET_FILES = ['.npmrc', 'etc/npmrc', 'credentials', 'credentials.toml', '.netrc', 'etc/gitconfig'];

/**
 * Decides which folders make the tools on `path` usable inside. Never shows a home directory, a
 * folder above one, or the folders where people keep credentials.
 */
export function readToolchainView(path: string, homes: readonly string[]): ToolchainView {
  const folders = new Set<string>();
  const searchPath: string[] = [];
  for (const entry of new Set(path.split(delimiter).filter(isAbsolute))) {
    if (SYSTEM_FOLDERS.test(entry) || entry.endsWith('/node_modules/.bin') || !holdsTools(entry)) {
      if (SYSTEM_FOLDERS.test(entry)) searchPath.push(entry);
      continue;
    }
    const shown = [entry, realpathSync(entry)].map((name) => installationOf(name, homes));
    if (shown.some((folder) => isPersonal(folder, homes))) continue;
    for (const folder of shown) folders.add(folder);
    searchPath.push(entry);
  }
  const rustupHome = findRustupHome(searchPath);
  if (rustupHome !== undefined) folders.add(rustupHome);
  const secrets = [...folders].flatMap((folder) =>
    SECRET_FILES.map((name) => join(folder, name)).filter((file) => existsSync(file)),
  );
  return {
    folders: [...folders],
    searchPath: [...new Set([...searchPath, ...SYSTEM_PATH])],
    secrets,
    ...(rustupHome === undefined ? {} : { rustupHome }),
  };
}

/** The variables that make a view's tools found inside; `node` of the sandbox comes first. */
export function toolchainEnvironment(view: ToolchainView, places: Places): Record<string, string> {
  return {
    PATH: [places.bin.inside, ...view.searchPath].join(':'),
    ...(view.rustupHome === undefined ? {} : { RUSTUP_HOME: view.rustupHome }),
  };
}

function holdsTools(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => isExecutable(join(folder, name)));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

/** The folder to show for a bin folder: the installation around it where there is one. */
function installationOf(bin: string, homes: readonly string[]): string {
  const parent = dirname(bin);
  const isInstallation =
    BIN_NAMES.has(basename(bin)) &&
    !isPersonal(parent, homes) &&
    INSTALLATION_MARKS.some((mark) => existsSync(join(parent, mark)));
  return isInstallation ? parent : bin;
}

function isPersonal(folder: string, homes: readonly string[]): boolean {
  if (PERSONAL_FOLDERS.has(basename(folder))) return true;
  return homes.some((home) => home === folder || home.startsWith(folder === '/' ? '/' : `${folder}/`));
}

function findRustupHome(searchPath: readonly string[]): string | undefined {
  return searchPath
    .filter((entry) => entry.endsWith('/.cargo/bin'))
    .map((entry) => join(dirname(dirname(entry)), '.rustup'))
    .find((folder) => existsSync(folder));
}
