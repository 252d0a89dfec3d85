/** Where programs keep caches, settings and data, by the variable that says so: all in the sandbox's own HOME. */
const IN_HOME: Readonly<Record<string, string>> = {
  XDG_CACHE_HOME: '.cache',
  XDG_CONFIG_HOME: '.config',
  XDG_DATA_HOME: '.local/share',
  XDG_STATE_HOME: '.local/state',
  npm_config_cache: '.npm',
  npm_config_userconfig: '.npmrc',
  COREPACK_HOME: '.cache/corepack',
  YARN_CACHE_FOLDER: '.cache/yarn',
  PIP_CACHE_DIR: '.cache/pip',
  UV_CACHE_DIR: '.cache/uv',
  CARGO_HOME: '.cargo',
  GOCACHE: '.cache/go-build',
  GOPATH: 'go',
};

/** Programs read these in any case. */
const OWN_NAMES = new Set(Object.keys(IN_HOME).map((name) => name.toLowerCase()));

/** An environment in which every folder that programs keep something in is the sandbox's own. */
export function withOwnFolders(
  env: Readonly<Record<string, string>>,
  { home, temp }: { readonly home: string; readonly temp: string },
): Record<string, string> {
  const own = Object.entries(IN_HOME).map(([name, folder]) => [name, `${home}/${folder}`] as const);
  const others = Object.entries(env).filter(([name]) => !OWN_NAMES.has(name.toLowerCase()));
  return { ...Object.fromEntries([...others, ...own]), HOME: home, TMPDIR: temp };
}
