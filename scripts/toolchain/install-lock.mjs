import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const REFRESH_MS = 5_000;
/** An owner on another machine or in another container is judged by its heartbeat alone. */
const STALE_MS = 60_000;
const POLL_MS = 250;

/**
 * Waits until this process alone may install, and returns the function that ends it.
 * The lock file appears with its owner inside (link is atomic), so a crash leaves no ownerless lock.
 */
export async function holdInstallLock(path) {
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), nonce: Math.random() });
  let told = false;
  while (!tryAcquire(path, owner)) {
    const held = readHeld(path);
    if (held !== undefined && isStale(held)) removeStale(path, held.owner);
    else {
      if (!told) process.stderr.write('agentswarm: another process is installing; waiting for it …\n');
      told = true;
      await sleep(POLL_MS);
    }
  }
  const refresh = setInterval(() => touch(path), REFRESH_MS);
  return () => {
    clearInterval(refresh);
    if (readHeld(path)?.owner === owner) rmSync(path, { force: true });
  };
}

function tryAcquire(path, owner) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, owner);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function readHeld(path) {
  try {
    return { owner: readFileSync(path, 'utf8'), touchedAtMs: statSync(path).mtimeMs };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isStale({ owner, touchedAtMs }) {
  const { pid, host } = JSON.parse(owner);
  if (host === hostname() && !isAlive(pid)) return true;
  return Date.now() - touchedAtMs > STALE_MS;
}

/** Renaming lets one of several waiters win; a lock that changed hands meanwhile is put back. */
function removeStale(path, staleOwner) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== staleOwner) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch (error) {
    process.stderr.write(`agentswarm: cannot refresh ${path} (${error.code})\n`);
  }
}
