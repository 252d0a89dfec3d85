import { existsSync } from 'node:fs';
import {
  silentLogger,
  type CommitSha,
  type ExecRequest,
  type Logger,
  type SandboxSpec,
} from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { FILES, json, MANIFEST } from '../dependent-project.ts';
import { createHostGit } from '../../src/commits/host-git.ts';
import { checkOutRemote, makeRemoteFolders } from '../../src/modal/commits/check-out-remote.ts';
import { execRemote } from '../../src/modal/exec/remote-exec.ts';
import { REMOTE_HOME, REMOTE_PATHS } from '../../src/modal/files/remote-places.ts';
import { createRemoteLayers } from '../../src/modal/layers/remote-layers.ts';
import type { ShimProcess } from '../../src/modal/shim/shim-process.ts';
import { temporaryFolder } from '../local-machine.ts';
import { describeWithPython, shimOf, startFakeModal, type FakeModal } from './fake-modal.ts';
import { filesOn } from './files-on.ts';

const BROKEN = {
  ...FILES,
  'package.json': json({ ...MANIFEST, dependencies: { dep: 'file:dep', missing: '1.0.0' } }),
};
const IMAGE = { name: 'agentswarm/sandbox' };

type Volumes = readonly { readonly name: string; readonly path: string; readonly readOnly?: boolean }[];

describeWithPython('the dependencies of remote sandboxes', () => {
  let modal: FakeModal;
  let shim: ShimProcess;
  let source: SourceRepository;
  beforeAll(async () => {
    modal = await startFakeModal();
    shim = await shimOf(modal);
    source = await createSourceRepository(FILES);
  });
  afterAll(async () => {
    await shim.close('terminate');
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  const open = async (volumes: Volumes, env: Readonly<Record<string, string>> = {}) => {
    const { connection } = shim;
    const { sandboxId } = await connection.call('sandbox.create', {
      timeoutMs: 600_000,
      network: { kind: 'none' },
      tags: { run: 'run-layers' },
      volumes: [...volumes],
    });
    const options = { connection, sandboxId, onProblem: () => undefined };
    const { run, writeFile } = filesOn(connection, sandboxId);
    await makeRemoteFolders(run);
    const terminate = async () => {
      await connection.call('sandbox.terminate', { sandboxId });
    };
    return {
      sandboxId,
      run,
      writeFile,
      paths: REMOTE_PATHS,
      exec: ({ command, timeoutMs = 60_000 }: Pick<ExecRequest, 'command' | 'timeoutMs'>) =>
        execRemote({
          ...options,
          command,
          timeoutMs,
          cwd: REMOTE_PATHS.workdir,
          env: { HOME: REMOTE_HOME, ...env },
        }),
      [Symbol.asyncDispose]: terminate,
    };
  };

  /** The layers of one machine, and what it told people. */
  const machine = ({ npm }: { readonly npm?: string } = {}) => {
    const told: string[] = [];
    const installers: SandboxSpec[] = [];
    const logger: Logger = { ...silentLogger, info: (_fields, message) => void told.push(message) };
    const folder = `${temporaryFolder('layers')}/known`;
    const layers = createRemoteLayers({
      folder,
      // Nothing here needs a registry, so nothing may ask one.
      env: { npm_config_offline: 'true', npm_config_fetch_retries: '0' },
      logger,
      installer: async (spec, volume) => {
        installers.push(spec);
        if (npm === undefined) return open([volume], spec.env);
        const sandbox = await open([volume], { ...spec.env, PATH: `${REMOTE_HOME}:/usr/bin:/bin` });
        await sandbox.writeFile(`${REMOTE_HOME}/npm`, `#!/bin/sh\n${npm}\n`);
        await sandbox.exec({ command: ['chmod', '+x', `${REMOTE_HOME}/npm`] }).result;
        return sandbox;
      },
    });
    const plan = async (commit: CommitSha, repository = source) => {
      const labels = { run: 'run-layers', purpose: 'attempt' } as const;
      return layers.planFor({ labels, source: repository.at(commit), image: 'sandbox' }, IMAGE);
    };
    return { plan, told, installers, folder };
  };

  const fill = async (made: Awaited<ReturnType<ReturnType<typeof machine>['plan']>>, commit: CommitSha) => {
    if (made === undefined) return expect.unreachable();
    await made.ready();
    const sandbox = await open([made.volume]);
    await checkOutRemote({ git: createHostGit(''), run: sandbox.run }, source.at(commit));
    await made.link(sandbox.run);
    return sandbox;
  };

  it('installs once for all sandboxes with the same lockfile, and for other machines', async () => {
    const first = machine();
    const plans = await Promise.all([1, 2, 3].map(() => first.plan(source.commit)));
    const sandboxes = await Promise.all(plans.map((made) => fill(made, source.commit)));
    expect(first.told).toEqual(['installing dependencies', 'dependencies installed']);
    expect(first.installers).toEqual([
      {
        labels: { run: 'run-layers', purpose: 'dependencies' },
        network: 'registries',
        env: expect.objectContaining({ CI: '1', npm_config_offline: 'true' }) as unknown,
        image: 'sandbox',
      },
    ]);
    const script = `node -p 'require("dep")'; git status --porcelain; touch node_modules/.vite/x node_modules/.cache/y && echo ok; touch "$0"/x 2>/dev/null || echo read-only`;
    for (const sandbox of sandboxes) {
      const command = ['sh', '-c', script, plans[0]?.volume.path ?? ''] as const;
      const result = await sandbox.exec({ command }).result;
      expect(result).toMatchObject({ exitCode: 0, stdout: 'from dep\nok\nread-only\n' });
    }
    await fill(await first.plan(source.commit), source.commit);
    expect(first.installers).toHaveLength(1);

    const second = machine();
    await fill(await second.plan(source.commit), source.commit);
    expect(second.told).toEqual(['dependencies found']);
    expect(second.installers).toHaveLength(1);
    const running = (await modal.ask('sandboxes')) as readonly { readonly status: string }[];
    expect(running.filter(({ status }) => status === 'running')).toHaveLength(5);
  });

  it('has a volume for each set of dependencies and each image, and none without a lockfile', async () => {
    const { plan } = machine();
    const layers = createRemoteLayers({
      folder: '/nonexistent',
      env: {},
      logger: silentLogger,
      installer: () => expect.unreachable(),
    });
    const spec = {
      labels: { run: 'run-layers', purpose: 'attempt' },
      source: source.at(source.commit),
    } as const;
    const scripts = await source.commitFiles({
      'package.json': json({ scripts: { test: 'true' }, ...MANIFEST }),
    });
    const relocked = await source.commitFiles({
      'package-lock.json': FILES['package-lock.json'].replace('"requires": true,', ''),
    });
    const names = [
      (await plan(source.commit))?.volume.name,
      (await plan(scripts))?.volume.name,
      (await plan(relocked))?.volume.name,
      (await layers.planFor(spec, { id: 'im-other' }))?.volume.name,
    ];
    expect(names[1]).toBe(names[0]);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
    await using bare = await createSourceRepository();
    expect(await plan(bare.commit, bare)).toBeUndefined();
  });

  it('says what failed, leaves no sandbox and nothing that counts, and tries again', async () => {
    const { plan, told, folder, installers } = machine();
    await using broken = await createSourceRepository(BROKEN);
    const before = await modal.ask('sandboxes');
    for (const expected of [1, 2]) {
      const made = await plan(broken.commit, broken);
      await expect(made?.ready()).rejects.toMatchObject({
        code: 'DEPENDENCIES_FAILED',
        details: { manager: 'npm', outputTail: expect.stringContaining('missing') as string },
      });
      expect(told).toHaveLength(expected);
      expect(installers).toHaveLength(expected);
    }
    const after = (await modal.ask('sandboxes')) as readonly { readonly status: string }[];
    const isRunning = ({ status }: { readonly status: string }) => status === 'running';
    expect(after.filter(isRunning)).toHaveLength((before as typeof after).filter(isRunning).length);
    expect(existsSync(folder)).toBe(false);
  });

  it.each(['ln -s /etc', 'touch'])('refuses an installation that left `%s node_modules`', async (left) => {
    const { plan, folder } = machine({ npm: `${left} node_modules` });
    await using other = await createSourceRepository({ ...FILES, '.npmrc': 'ignore-scripts=true\n' });
    const made = await plan(other.commit, other);
    if (made === undefined) return expect.unreachable();
    await expect(made.ready()).rejects.toMatchObject({
      code: 'DEPENDENCIES_FAILED',
      message: expect.stringContaining('plain folder') as string,
    });
    expect(existsSync(folder)).toBe(false);
    const sandbox = await open([made.volume]);
    expect((await sandbox.exec({ command: ['ls', made.volume.path] }).result).stdout).toBe('');
  });

  it('fills a volume anew whose layer was lost', async () => {
    const { plan, told } = machine();
    await using other = await createSourceRepository({ ...FILES, '.npmrc': 'fund=false\n' });
    const made = await plan(other.commit, other);
    if (made === undefined) return expect.unreachable();
    await made.ready();
    const cleaner = await open([{ ...made.volume, readOnly: false }]);
    await cleaner.exec({ command: ['sh', '-c', 'rm "$0"/*.tar', made.volume.path] }).result;
    const sandbox = await open([made.volume]);
    await expect(made.link(sandbox.run)).rejects.toMatchObject({
      code: 'DEPENDENCIES_FAILED',
      traits: { retryable: true },
    });
    await made.ready();
    await made.link(sandbox.run);
    expect(told.filter((message) => message === 'installing dependencies')).toHaveLength(2);
  });

  it('lets one waiting caller give up without taking the layer from the others', async () => {
    const { plan, told } = machine();
    await using other = await createSourceRepository({ ...FILES, '.npmrc': 'audit=false\n' });
    const made = await plan(other.commit, other);
    const abort = new AbortController();
    const givenUp = made?.ready(abort.signal);
    const kept = made?.ready();
    abort.abort();
    await expect(givenUp).rejects.toMatchObject({ name: 'AbortError' });
    await kept;
    expect(told).toEqual(['installing dependencies', 'dependencies installed']);
  });
});
