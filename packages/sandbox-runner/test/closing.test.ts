import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';

const LABELS = { run: 'run-closing', purpose: 'command' } as const;

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe.each(ISOLATIONS)('closing a backend with isolation %s', (isolation) => {
  it('leaves nothing of sandboxes that are being made', async () => {
    const root = temporaryFolder('closing');
    const backend = localBackend(isolation, { root });
    const sandboxes = join(root, 'sandboxes');
    const making = Array.from({ length: 6 }, () => backend.create({ labels: LABELS }));
    const settled = Promise.allSettled(making);
    await expect.poll(() => namesIn(sandboxes).length, { interval: 1 }).toBeGreaterThan(0);
    await backend[Symbol.asyncDispose]();
    expect(namesIn(sandboxes)).toEqual([]);
    expect(namesIn(join(root, 'ports'))).toEqual([]);
    await settled;
  });

  it('holds no sandbox that it was about to attach', async () => {
    const root = temporaryFolder('closing-attach');
    await using other = localBackend(isolation, { root });
    const { id, detach } = await madeBy(other);
    await detach();
    const backend = localBackend(isolation, { root });
    const attaching = Promise.allSettled([backend.attach(id)]);
    await backend[Symbol.asyncDispose]();
    await attaching;
    expect(await other.list(LABELS)).not.toMatchObject([{ state: 'held' }]);
  });

  it('reaps what can be removed, whatever cannot', async () => {
    const root = temporaryFolder('unremovable');
    await using backend = localBackend(isolation, { root });
    const made = await Promise.all(Array.from({ length: 3 }, () => madeBy(backend)));
    for (const { detach } of made) await detach();
    const [stuck, ...others] = made.map(({ id }) => id).toSorted();
    mkdirSync(join(root, 'pins', `${stuck}.json`), { recursive: true });
    expect(await backend.reap({}, { detached: true })).toBe(others.length);
    expect(await backend.list(LABELS)).toMatchObject([{ id: stuck }]);
  });

  it('gives back the network of a sandbox that cannot be removed', async () => {
    const root = temporaryFolder('stuck');
    await using backend = localBackend(isolation, { root });
    const sandbox = await backend.create({ labels: LABELS, network: 'open' });
    expect(namesIn(join(root, 'ports'))).toHaveLength(1);
    writeFileSync(join(root, 'pins'), 'no folder');
    await expect(sandbox.terminate()).rejects.toThrow('ENOTDIR');
    expect(namesIn(join(root, 'ports'))).toEqual([]);
    rmSync(join(root, 'pins'));
    mkdirSync(join(root, 'pins'));
  });
});

async function madeBy(backend: ReturnType<typeof localBackend>) {
  const sandbox = await backend.create({ labels: LABELS });
  return { id: sandbox.id, detach: () => sandbox.detach() };
}

it('knows the home folders of a user without an entry on this machine', (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root becomes another user');
  const module = pathToFileURL(join(import.meta.dirname, '../src/local/list-homes.ts')).href;
  const script = `const { listHomes } = await import('${module}'); process.setuid(54321); console.log(listHomes().join());`;
  const conditions = ['--conditions=@agentswarm/source', '--input-type=module'];
  const told = (env: Record<string, string>) =>
    execFileSync(process.execPath, [...conditions, '-e', script], { env, encoding: 'utf8' });
  expect(told({ HOME: '/somewhere' })).toBe('/somewhere\n');
  expect(told({})).toBe('\n');
});
