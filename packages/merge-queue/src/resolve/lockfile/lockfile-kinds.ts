import { basename } from 'node:path/posix';

type Command = readonly [string, ...string[]];

/** How one tool pins dependencies, and how it is asked to do so again without running anything of theirs. */
export interface LockfileKind {
  /** Names of files that say what is to be pinned; the first lies beside the lockfile. */
  readonly manifests: readonly [string, ...string[]];
  readonly command: Command;
  /** Added to the command where there is no network, so that it fails at once instead of trying. */
  readonly offline: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What a lockfile of this tool and format has in it. */
  readonly recognize?: RegExp;
}

/** Yarn before 2 has the same lockfile name, knows no such mode and would install. */
const MODERN_YARN =
  'case "$(yarn --version)" in ""|0.*|1.*) exit 127;; esac; exec yarn install --mode=update-lockfile';

const NPM: LockfileKind = {
  manifests: ['package.json', '.npmrc'],
  command: ['npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
  offline: ['--offline'],
  env: { NPM_CONFIG_UPDATE_NOTIFIER: 'false' },
};

const KINDS: ReadonlyMap<string, LockfileKind> = new Map<string, LockfileKind>([
  ['package-lock.json', NPM],
  [
    'pnpm-lock.yaml',
    {
      manifests: ['package.json', 'pnpm-workspace.yaml', '.npmrc'],
      command: ['pnpm', 'install', '--lockfile-only', '--ignore-scripts', '--no-frozen-lockfile'],
      offline: ['--offline'],
    },
  ],
  [
    'yarn.lock',
    {
      manifests: ['package.json', '.yarnrc.yml'],
      command: ['sh', '-c', MODERN_YARN],
      offline: [],
      env: { YARN_ENABLE_SCRIPTS: 'false', YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' },
      recognize: /^__metadata:/m,
    },
  ],
  // Only what the manifests ask for: `generate-lockfile` would move every other pin as well.
  [
    'Cargo.lock',
    { manifests: ['Cargo.toml'], command: ['cargo', 'update', '--workspace'], offline: ['--offline'] },
  ],
  ['uv.lock', { manifests: ['pyproject.toml'], command: ['uv', 'lock'], offline: ['--offline'] }],
]);

/** Names of all manifests of all kinds. */
const MANIFESTS: ReadonlySet<string> = new Set([...KINDS.values()].flatMap(({ manifests }) => manifests));
/** Written by a tool too, though not regenerated here. */
const OTHER_LOCKFILES: ReadonlySet<string> = new Set(['npm-shrinkwrap.json', 'bun.lock', 'deno.lock']);

/** The kind of a lockfile that can be regenerated. */
export function lockfileKindOf(path: string): LockfileKind | undefined {
  return KINDS.get(basename(path));
}

/** Whether a tool wrote the file, so that merging it by hand makes no sense. */
export function isLockfile(path: string): boolean {
  return KINDS.has(basename(path)) || OTHER_LOCKFILES.has(basename(path));
}

/** Whether lockfiles are made from the file. */
export function isManifest(path: string): boolean {
  return MANIFESTS.has(basename(path));
}
