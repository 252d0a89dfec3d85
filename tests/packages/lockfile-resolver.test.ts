import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { lockfileResolver } from '@agentswarm/merge-queue';
import { createSampleMerge, type MergeSample } from '@agentswarm/merge-queue/testing';
import { createLocalBackend } from '@agentswarm/sandbox-runner';

const PATH = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');

const print = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** A project whose dependencies lie in it, so that nothing is fetched. */
function project(...names: readonly string[]) {
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:libs/${name}`]));
  const links = names.flatMap((name) => [
    [`libs/${name}`, { version: '1.0.0' }],
    [`node_modules/${name}`, { resolved: `libs/${name}`, link: true }],
  ]);
  const root = { name: 'app', version: '1.0.0' };
  const packages = Object.fromEntries([['', { ...root, dependencies }], ...links]);
  return {
    manifest: print({ ...root, scripts: { preinstall: 'touch ran', prepare: 'touch ran' }, dependencies }),
    lock: print({ ...root, lockfileVersion: 3, requires: true, packages }),
  };
}

const LIBRARIES = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [`app/libs/${name}/package.json`, print({ name, version: '1.0.0' })]),
);

function files(manifest: string, lock: string): MergeSample['base'] {
  return { ...LIBRARIES, 'app/package.json': manifest, 'app/package-lock.json': lock };
}

it('a real npm in a real sandbox writes the lockfile that the merged manifest asks for', async ({ skip }) => {
  const root = mkdtempSync(join(tmpdir(), 'agentswarm-lockfile-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rmSync(root, { recursive: true, force: true }));
  const backend = cleanup.use(
    createLocalBackend({
      root,
      isolation: 'auto',
      runtime: { readOnlyPaths: [], nodePath: process.execPath },
      path: PATH,
    }),
  );
  const probe = await backend.create({ labels: { run: 'run-npm', purpose: 'command' } });
  const version = await probe.exec({ command: ['npm', '--version'] }).result;
  await probe.terminate();
  if (version.exitCode !== 0) skip('npm cannot be run in a sandbox on this machine');

  const merged = project('a', 'b', 'c');
  const sample: MergeSample = {
    base: files(project('a').manifest, project('a').lock),
    // As if a resolver had merged the manifest before: both sides have it as it shall be.
    ours: files(merged.manifest, project('a', 'b').lock),
    theirs: files(merged.manifest, project('a', 'c').lock),
  };
  await using merge = await createSampleMerge(sample);
  const resolutions = await lockfileResolver({ backend, run: 'run-npm' }).resolve(merge.request);
  expect(resolutions).toMatchObject([{ path: 'app/package-lock.json', dropped: [] }]);
  const text = await merge.textOf(resolutions[0]?.version);
  expect(JSON.parse(text ?? '')).toMatchObject(JSON.parse(merged.lock));
  expect(await backend.list({ run: 'run-npm' })).toEqual([]);
});
