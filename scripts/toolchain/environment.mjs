import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** What the installer runs with: a writable home, development dependencies, errors that are visible. */
export function installEnv(env, root) {
  const result = withUsableHome(withoutNpmRun(env), root);
  delete result.NODE_ENV;
  result.CI = 'true'; // never ask; stdin is closed
  result.npm_config_loglevel = 'error'; // `npm run -s` hands down "silent", which would hide the reason of a failure
  return result;
}

/** What the command runs with: as if typed without npm in between, and the bundled Node first on PATH. */
export function commandEnv(env, { root, node, forTests }) {
  const result = withUsableHome(withoutNpmRun(env), root);
  const bins = [dirname(node)];
  if (forTests) bins.push(join(root, 'node_modules', '.bin'));
  result.PATH = [...bins, ...withoutScriptBins(result.PATH ?? '')].join(delimiter);
  return result;
}

/** What a program of `infra/` runs with: the person's own environment. */
export function pythonEnv(env, root) {
  return withUsableHome(withoutNpmRun(env), root);
}

/** `npm run` adds variables about *this* package; they would mislead npm in the repositories we work on. */
function withoutNpmRun(env) {
  const foreign = /^npm_(package|lifecycle)_|^npm_config_local_prefix$|^npm_command$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** …and puts the `.bin` of every parent folder first on PATH, where our own tools would shadow a target's. */
function withoutScriptBins(path) {
  return path.split(delimiter).filter((entry) => !/node_modules[\\/](\.bin$|.*node-gyp-bin$)/.test(entry));
}

function withUsableHome(env, root) {
  if (isWritable(homedir())) return env;
  const home = join(root, '.cache', 'home');
  mkdirSync(home, { recursive: true });
  const { XDG_CACHE_HOME, XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, npm_config_cache, ...rest } = env;
  return {
    ...rest,
    HOME: home,
    npm_config_cache: join(root, '.cache', 'npm'),
    npm_config_store_dir: join(root, '.cache', 'pnpm-store'),
  };
}

function isWritable(folder) {
  if (folder === '') return false;
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (error.code === undefined) throw error;
    return false;
  }
}
