import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';
import { holdInstallLock } from './install-lock.mjs';
import { installKey } from './install-key.mjs';
import { runInstaller } from './run-installer.mjs';

const NODE_PATH = join('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * Makes sure node_modules fits the lockfile and returns the path of the bundled Node.
 * An equal stamp means no process is started and nothing is written.
 */
export async function ensureInstalled({ root, env }) {
  const node = join(root, NODE_PATH);
  if (isInstalled(root, node)) return node;
  mkdirSync(join(root, '.cache'), { recursive: true });
  const release = await holdInstallLock(join(root, '.cache', 'install.lock'));
  try {
    if (isInstalled(root, node)) return node; // another process did it while this one waited
    rmSync(stampPath(root), { force: true });
    const key = installKey(root);
    await runInstaller({ root, env, pnpm: pnpmVersion(root) });
    if (!existsSync(node)) throw new BootstrapError(missingNodeMessage());
    writeStamp(root, key);
    return node;
  } finally {
    release();
  }
}

function isInstalled(root, node) {
  if (!existsSync(stampPath(root)) || !existsSync(node)) return false;
  return readFileSync(stampPath(root), 'utf8') === installKey(root);
}

function writeStamp(root, key) {
  const temporary = `${stampPath(root)}.${process.pid}`;
  writeFileSync(temporary, key);
  renameSync(temporary, stampPath(root));
}

function stampPath(root) {
  return join(root, 'node_modules', '.agentswarm-install');
}

function pnpmVersion(root) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = /^pnpm@([^+]+)/.exec(packageManager ?? '')?.[1];
  if (version === undefined)
    throw new BootstrapError('package.json names no pnpm version in "packageManager"');
  return version;
}

function missingNodeMessage() {
  return `the installation finished, but the bundled Node is missing (${NODE_PATH}); are install scripts disabled in your npm configuration (ignore-scripts)?`;
}
