import { afterEach, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../conformance/source-repository.ts';
import { layerKey, readDependencyInputs } from './dependency-inputs.ts';

let source: SourceRepository | undefined;
afterEach(() => source?.[Symbol.asyncDispose]());

async function read(files: Readonly<Record<string, string>>) {
  source = await createSourceRepository({ 'other.txt': '', ...files });
  return readDependencyInputs(source.repository, source.commit);
}

describe('readDependencyInputs', () => {
  it('reads nothing without a lockfile at the root', async () => {
    expect(await read({ 'package.json': '{}', 'sub/package-lock.json': '{}' })).toBeUndefined();
  });

  it('takes what decides an npm installation, and no scripts', async () => {
    const lock = JSON.stringify({
      packages: { '': {}, lib: {}, 'node_modules/t': { resolved: 'file:vendor/t.tgz' } },
    });
    const inputs = await read({
      'package.json': '{"name":"x","scripts":{"postinstall":"evil"},"dependencies":{"a":"1"}}',
      'package-lock.json': lock,
      'lib/package.json': '{"name":"lib","scripts":{}}',
      'unrelated/package.json': '{}',
      'vendor/t.tgz': 'archive',
      '.npmrc': 'engine-strict=true',
    });
    expect(inputs?.manager).toBe('npm');
    expect([...(inputs?.files.keys() ?? [])].toSorted()).toEqual([
      '.npmrc',
      'lib/package.json',
      'package-lock.json',
      'package.json',
      'vendor/t.tgz',
    ]);
    expect(JSON.parse(String(inputs?.files.get('package.json')))).toEqual({
      name: 'x',
      dependencies: { a: '1' },
    });
  });

  it('takes every manifest of a pnpm workspace, and the version of pnpm', async () => {
    const inputs = await read({
      'package.json': '{"packageManager":"pnpm@10.1.2+sha512.abc"}',
      'pnpm-lock.yaml': 'lockfileVersion: 9',
      'pnpm-workspace.yaml': 'packages: [a]',
      'a/package.json': '{"dependencies":{}}',
      'patches/p.patch': 'diff',
    });
    expect(inputs).toMatchObject({ manager: 'pnpm', managerVersion: '10.1.2' });
    expect([...(inputs?.files.keys() ?? [])].toSorted()).toEqual([
      'a/package.json',
      'package.json',
      'patches/p.patch',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
    ]);
  });

  it('says which file cannot be read', async () => {
    await expect(read({ 'package.json': '{', 'package-lock.json': '{}' })).rejects.toMatchObject({
      code: 'DEPENDENCIES_FAILED',
      details: { path: 'package.json' },
    });
  });
});

describe('layerKey', () => {
  const files = new Map([
    ['package.json', '{}'],
    ['package-lock.json', 'lock'],
  ]);
  const key = layerKey({ manager: 'npm', files }, 'linux-x64-v24');

  it('does not depend on the order of files', () => {
    expect(layerKey({ manager: 'npm', files: new Map([...files].toReversed()) }, 'linux-x64-v24')).toBe(key);
  });

  it('depends on manager, platform, names and content', () => {
    const others = [
      layerKey({ manager: 'pnpm', files }, 'linux-x64-v24'),
      layerKey({ manager: 'npm', files }, 'linux-x64-v22'),
      layerKey({ manager: 'npm', files: new Map([...files, ['.npmrc', '']]) }, 'linux-x64-v24'),
      layerKey({ manager: 'npm', files: new Map([...files, ['package.json', '{ }']]) }, 'linux-x64-v24'),
    ];
    expect(new Set([key, ...others]).size).toBe(5);
  });
});
