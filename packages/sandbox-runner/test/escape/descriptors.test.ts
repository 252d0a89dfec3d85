import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ISOLATIONS, temporaryFolder } from '../local-machine.ts';
import { CANARY } from './host.ts';

const PARENT = join(import.meta.dirname, 'inherited-parent.ts');
/** Above the numbers that node itself closes at its start. */
const DESCRIPTOR = 90;

/** Runs a script under a process that somebody started with an open folder. */
function underParent(isolation: string, script: string): string {
  const folder = temporaryFolder('inherited');
  writeFileSync(join(folder, 'secret'), CANARY);
  const descriptor = openSync(folder, 'r');
  try {
    const between = Array.from({ length: DESCRIPTOR - 3 }, () => 'ignore' as const);
    const command = ['--conditions=@agentswarm/source', PARENT, temporaryFolder('root'), isolation, script];
    return spawnSync(process.execPath, command, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit', ...between, descriptor],
    }).stdout;
  } finally {
    closeSync(descriptor);
  }
}

describe('open descriptors', () => {
  const escape = `cat /proc/self/fd/${DESCRIPTOR}/secret`;

  it.each(ISOLATIONS)('of whoever started the host lead nowhere (isolation %s)', (isolation) => {
    expect(underParent(isolation, `${escape}; echo done`)).toBe('done\n');
  });

  it('would otherwise lead to a folder of the host', (context) => {
    if (process.platform !== 'linux') context.skip('only Linux names descriptors');
    expect(underParent('plain', escape)).toBe(CANARY);
  });

  it.each(ISOLATIONS)('are the three usual ones and nothing that has a name (isolation %s)', (isolation) => {
    const script =
      'for fd in /proc/self/fd/*; do readlink "$fd"; done | grep -v -e ^socket: -e ^/dev/null -e ^/proc/ -e ^pipe:';
    expect(underParent(isolation, script)).toBe('');
  });
});
