import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLocalBackend, probeIsolation, type LocalBackendOptions } from '../src/index.ts';

export const HOST_PATH = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');

const probe = probeIsolation({ path: HOST_PATH });
/** Why tests of isolation cannot run here; undefined when they can. */
export const cannotIsolate = probe.usable ? undefined : `no isolation on this machine: ${probe.reason}`;

/** Kinds of isolation that this machine has. */
export const ISOLATIONS = cannotIsolate === undefined ? (['auto', 'none'] as const) : (['none'] as const);

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes with the test process. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `agentswarm-${name}-`));
  folders.push(folder);
  return folder;
}

export function localOptions(
  isolation: 'auto' | 'none',
  more: Partial<LocalBackendOptions> = {},
): LocalBackendOptions {
  return {
    root: more.root ?? temporaryFolder('root'),
    isolation,
    runtime: { readOnlyPaths: [], nodePath: process.execPath },
    path: HOST_PATH,
    ...more,
  };
}

export function localBackend(isolation: 'auto' | 'none', more: Partial<LocalBackendOptions> = {}) {
  return createLocalBackend(localOptions(isolation, more));
}
