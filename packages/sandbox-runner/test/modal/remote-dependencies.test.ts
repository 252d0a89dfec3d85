import type { CommitSha, Logger, SandboxBackend } from '@agentswarm/core';
import { silentLogger } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { FILES, json, MANIFEST } from '../dependent-project.ts';
import { describeWithPython, type FakeModal } from './fake-modal.ts';
import { modalBackend, startModalMachine } from './modal-machine.ts';

describeWithPython('dependencies in the sandboxes of the Modal backend', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  beforeAll(async () => {
    modal = await startModalMachine();
    source = await createSourceRepository(FILES);
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    await modal[Symbol.asyncDispose]();
  });

  const backendWith = (told: string[] = []) => {
    const logger: Logger = { ...silentLogger, info: (_fields, message) => void told.push(message) };
    // Nothing here needs a registry, so nothing may ask one.
    const env = { npm_config_offline: 'true', npm_config_fetch_retries: '0' };
    return modalBackend(modal, { registry: { env, urls: [] }, logger });
  };
  const open = (backend: SandboxBackend, commit: CommitSha, from = source) =>
    backend.create({
      labels: { run: 'run-layer', purpose: 'attempt' },
      source: from.at(commit),
      dependencies: true,
    });

  it('are those that the commit pins, installed once', async () => {
    const told: string[] = [];
    await using backend = backendWith(told);
    const sandboxes = await Promise.all([1, 2, 3].map(() => open(backend, source.commit)));
    expect(told.filter((message) => message === 'installing dependencies')).toHaveLength(1);
    for (const sandbox of sandboxes) {
      const script = `node -p 'require("dep")'; git status --porcelain; touch node_modules/.cache/y && echo ok`;
      const result = await sandbox.exec({ command: ['sh', '-c', script] }).result;
      expect(result).toMatchObject({ exitCode: 0, stdout: 'from dep\nok\n' });
    }
    expect(await backend.list({})).toHaveLength(3);
  });

  it('leave nothing behind where they cannot be installed', async () => {
    await using broken = await createSourceRepository({
      ...FILES,
      'package.json': json({ ...MANIFEST, dependencies: { dep: 'file:dep', missing: '1.0.0' } }),
    });
    await using backend = backendWith();
    await expect(open(backend, broken.commit, broken)).rejects.toMatchObject({
      code: 'DEPENDENCIES_FAILED',
      details: { manager: 'npm', outputTail: expect.stringContaining('missing') as string },
    });
    expect(await backend.list({})).toEqual([]);
  });
});
