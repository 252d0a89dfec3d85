import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox, SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ISOLATIONS, localBackend, temporaryFolder } from '../local-machine.ts';
import { CANARY } from './host.ts';

const ROUNDS = process.env['TEST_DEEP'] === undefined ? 8 : 80;
const outside = temporaryFolder('transfer');
mkdirSync(join(outside, 'sub'));
writeFileSync(join(outside, 'secret'), CANARY);

/** Trees that are not to be taken, or not as they are; made in the folder `tree`. */
const HOSTILE: readonly (readonly [what: string, script: string])[] = [
  ['a pipe', 'mkfifo tree/pipe'],
  ['an absolute link', `ln -s ${outside}/secret tree/link`],
  ['a link that climbs out', 'ln -s ../../../../../etc/hostname tree/link'],
  ['a link that goes down before it climbs out', 'mkdir tree/a; ln -s a/../../../etc tree/link'],
  ['links that climb out together', 'mkdir -p tree/a/b; ln -s a/b tree/x; ln -s x/../../../etc tree/y'],
  ['a link into /proc', 'ln -s /proc/self/root tree/link'],
  ['a file larger than what is taken', 'truncate -s 3G tree/big'],
];

/** Keeps exchanging the folder `tree/shifting` for a link to a folder outside. */
const EXCHANGING = `const fs = require('node:fs');
fs.mkdirSync('tree/shifting', { recursive: true }); fs.writeFileSync('tree/shifting/secret', 'own'); fs.symlinkSync(process.argv[1], 'tree/link');
console.log('ready');
for (;;) { fs.renameSync('tree/shifting', 'folder'); fs.renameSync('tree/link', 'tree/shifting'); fs.renameSync('tree/shifting', 'tree/link'); fs.renameSync('folder', 'tree/shifting'); }`;

describe.each(ISOLATIONS)('trees that come and go (isolation %s)', (isolation) => {
  let backend: SandboxBackend;
  beforeAll(() => {
    backend = localBackend(isolation);
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  const open = async (script: string) => {
    const sandbox = await backend.create({ labels: { run: 'run-transfer', purpose: 'command' } });
    const made = await sandbox.exec({ command: ['bash', '-ec', `mkdir tree; ${script}`] }).result;
    expect(made).toMatchObject({ exitCode: 0 });
    return sandbox;
  };
  const treeOf = (sandbox: Sandbox) => `${sandbox.paths.workdir}/tree`;

  it.each(HOSTILE)('brings nothing over with %s in it', async (_what, script) => {
    const folder = temporaryFolder('download');
    await using sandbox = await open(script);
    const download = sandbox.download(treeOf(sandbox), join(folder, 'copy'));
    await expect(download).rejects.toMatchObject({ code: 'SANDBOX_TRANSFER_REFUSED' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('brings no special rights over', async () => {
    const folder = temporaryFolder('download');
    await using sandbox = await open(
      'cp /bin/sh tree/sh; chmod 6755 tree/sh; mkdir tree/d; chmod 3777 tree/d',
    );
    await sandbox.download(treeOf(sandbox), join(folder, 'copy'));
    for (const name of ['sh', 'd']) expect(lstatSync(join(folder, 'copy', name)).mode & 0o7002).toBe(0);
  });

  it('keeps strange names as they are', async () => {
    const folder = temporaryFolder('download');
    await using sandbox = await open(
      `echo x >"tree/"$'a\\nb\\e[31m'; echo x >tree/-rf; echo x >"tree/\\$(id)"`,
    );
    await sandbox.download(treeOf(sandbox), join(folder, 'copy'));
    expect(readdirSync(join(folder, 'copy')).toSorted()).toEqual(
      ['$(id)', '-rf', 'a\nb\u001b[31m'].toSorted(),
    );
  });

  it('follows no link that appears meanwhile', async () => {
    const folder = temporaryFolder('download');
    await using sandbox = await open(':');
    const stop = new AbortController();
    const exchanging = sandbox.exec({ command: ['node', '-e', EXCHANGING, outside], signal: stop.signal });
    for await (const line of exchanging.lines) if (line === 'ready') break;
    for (let round = 0; round < ROUNDS; round++) {
      const copy = join(folder, `${round}`);
      await sandbox.download(treeOf(sandbox), copy).catch(String);
      if (existsSync(join(copy, 'shifting', 'secret'))) {
        expect(readFileSync(join(copy, 'shifting', 'secret'), 'utf8')).toBe('own');
      }
      await sandbox.upload(join(outside, 'sub'), `${treeOf(sandbox)}/shifting/up${round}`).catch(String);
    }
    stop.abort();
    await exchanging.result;
    // Isolation keeps the sandbox itself from writing there; without it this asks the transfer alone.
    expect(readdirSync(outside).toSorted()).toEqual(['secret', 'sub']);
  });
});
