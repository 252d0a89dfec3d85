import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitSha, Logger, SandboxBackend } from '@agentswarm/core';
import { silentLogger } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../src/conformance/source-repository.ts';
import { FILES, json, MANIFEST } from './dependent-project.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';

/** Nothing here needs a registry, so nothing may ask one. */
const REGISTRY = { env: { npm_config_offline: 'true', npm_config_fetch_retries: '0' } };

/** Counts installations by what people would read. */
function countingLogger(): { logger: Logger; installs: () => number } {
  let installs = 0;
  const logger: Logger = {
    ...silentLogger,
    info: (_fields, message) => {
      if (message === 'installing dependencies') installs += 1;
    },
  };
  return { logger, installs: () => installs };
}

async function open(backend: SandboxBackend, source: SourceRepository, commit: CommitSha) {
  return backend.create({
    labels: { run: 'run-layer', purpose: 'attempt' },
    source: source.at(commit),
    dependencies: true,
  });
}

describe.each(ISOLATIONS)('dependency layers with isolation %s', (isolation) => {
  it('installs once for all sandboxes with the same lockfile', async () => {
    const { logger, installs } = countingLogger();
    const root = temporaryFolder('layers');
    await using source = await createSourceRepository(FILES);
    await using backend = localBackend(isolation, { root, logger, registry: REGISTRY });
    const sandboxes = await Promise.all([1, 2, 3].map(() => open(backend, source, source.commit)));
    expect(installs()).toBe(1);
    for (const sandbox of sandboxes) {
      const script = `node -p 'require("dep")'; git status --porcelain; mkdir -p node_modules/.vite/x && touch node_modules/.cache/y && echo ok`;
      const result = await sandbox.exec({ command: ['sh', '-c', script] }).result;
      expect(result).toMatchObject({ exitCode: 0, stdout: 'from dep\nok\n' });
    }
    const layers = readdirSync(join(root, 'layers'));
    expect(layers).toHaveLength(1);
    const layer = join(root, 'layers', layers[0] ?? '');
    expect(readdirSync(layer)).toEqual(['node_modules']);
    expect(readdirSync(join(layer, 'node_modules', '.vite'))).toEqual([]);
    expect(readdirSync(join(layer, 'node_modules', '.cache'))).toEqual([]);
  });

  it('installs again for another lockfile, but not for other scripts', async () => {
    const { logger, installs } = countingLogger();
    await using source = await createSourceRepository(FILES);
    await using backend = localBackend(isolation, { logger, registry: REGISTRY });
    await open(backend, source, source.commit);
    const scripts = await source.commitFiles({
      'package.json': json({ scripts: { test: 'true' }, ...MANIFEST }),
    });
    await open(backend, source, scripts);
    expect(installs()).toBe(1);
    const relocked = await source.commitFiles({
      'package-lock.json': FILES['package-lock.json'].replace('"requires": true,', ''),
    });
    await open(backend, source, relocked);
    expect(installs()).toBe(2);
  });

  it('says what failed, leaves no layer, and tries again', async () => {
    const { logger, installs } = countingLogger();
    const root = temporaryFolder('broken');
    await using source = await createSourceRepository({
      ...FILES,
      'package.json': json({ ...MANIFEST, dependencies: { dep: 'file:dep', missing: '1.0.0' } }),
    });
    await using backend = localBackend(isolation, { root, logger, registry: REGISTRY });
    for (const expected of [1, 2]) {
      await expect(open(backend, source, source.commit)).rejects.toMatchObject({
        code: 'DEPENDENCIES_FAILED',
        details: { manager: 'npm', outputTail: expect.stringContaining('missing') as string },
      });
      expect(installs()).toBe(expected);
    }
    expect(await backend.list({})).toEqual([]);
    expect(readdirSync(root).filter((name) => name === 'layers')).toEqual([]);
  });

  it('refuses an installation that left a link in place of node_modules', async () => {
    const root = temporaryFolder('linked');
    const tools = temporaryFolder('tools');
    const host = temporaryFolder('host');
    writeFileSync(join(tools, 'npm'), `#!/bin/sh\nexec ln -s '${host}' node_modules\n`, { mode: 0o755 });
    await using source = await createSourceRepository(FILES);
    await using backend = localBackend(isolation, { root, path: `${tools}:/usr/bin:/bin` });
    await expect(open(backend, source, source.commit)).rejects.toMatchObject({ code: 'DEPENDENCIES_FAILED' });
    expect(readdirSync(host)).toEqual([]);
    expect(readdirSync(root)).not.toContain('layers');
  });

  it('makes no layer without a lockfile', async () => {
    const { logger, installs } = countingLogger();
    await using source = await createSourceRepository();
    await using backend = localBackend(isolation, { logger, registry: REGISTRY });
    const sandbox = await open(backend, source, source.commit);
    expect((await sandbox.exec({ command: ['ls', '-A'] }).result).stdout).toBe('.git\nREADME.md\n');
    expect(installs()).toBe(0);
  });

  it('lets one waiting caller give up without taking the layer from the others', async () => {
    const { logger, installs } = countingLogger();
    await using source = await createSourceRepository(FILES);
    await using backend = localBackend(isolation, { logger, registry: REGISTRY });
    const abort = new AbortController();
    const spec = {
      labels: { run: 'run-a', purpose: 'attempt' },
      source: source.at(source.commit),
      dependencies: true,
    } as const;
    const givenUp = backend.create(spec, { signal: abort.signal });
    const kept = backend.create({ ...spec, labels: { run: 'run-b', purpose: 'attempt' } });
    abort.abort();
    await expect(givenUp).rejects.toMatchObject({ name: 'AbortError' });
    const result = await (await kept).exec({ command: ['node', '-p', 'require("dep")'] }).result;
    expect(result.stdout).toBe('from dep\n');
    expect(installs()).toBe(1);
  });
});

describe.skipIf(ISOLATIONS.length === 1)('an isolated dependency layer', () => {
  it.each(['own', 'overlay'] as const)(
    'cannot be changed, nor be redirected, from inside; checkout %s',
    async (checkout) => {
      await using source = await createSourceRepository(FILES);
      await using backend = localBackend('auto', { registry: REGISTRY });
      const labels = { run: 'run-layer', purpose: 'gate' } as const;
      const spec = { labels, source: source.at(source.commit), dependencies: true, checkout };
      const sandbox = await backend.create(spec);
      const change =
        'touch node_modules/x; rm node_modules/dep; rm -rf node_modules; mv node_modules y; ls node_modules';
      const result = await sandbox.exec({ command: ['sh', '-c', change] }).result;
      expect(result.stdout).toBe('dep\n');
    },
  );
});
