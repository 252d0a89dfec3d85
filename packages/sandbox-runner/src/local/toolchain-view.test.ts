import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readToolchainView } from './toolchain-view.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'agentswarm-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function tool(...parts: string[]): string {
  const file = join(home, ...parts);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return dirname(file);
}

const folder = (...parts: string[]) => mkdirSync(join(home, ...parts), { recursive: true });
const view = (...path: string[]) => readToolchainView(path.join(':'), [home]);

describe('readToolchainView', () => {
  it('shows the installation around a folder of tools', () => {
    const shims = tool('.pyenv', 'shims', 'python3');
    folder('.pyenv', 'libexec');
    expect(view(shims)).toMatchObject({ folders: [join(home, '.pyenv')] });
    expect(view(shims).searchPath[0]).toBe(shims);
  });

  it('shows no more than the tools where the folder around them is personal', () => {
    const local = tool('.local', 'bin', 'tool');
    folder('.local', 'lib');
    const own = tool('bin', 'tool');
    folder('lib');
    expect(view(local, own).folders).toEqual([local, own]);
  });

  it('never shows a home, a folder above one, or a folder of settings', () => {
    tool('tool');
    const config = tool('.config', 'tool');
    expect(view(home, dirname(home), '/', config).folders).toEqual([]);
    expect(view(home).searchPath).not.toContain(home);
  });

  it('does not follow a link into a home', () => {
    tool('tool');
    const elsewhere = mkdtempSync(join(tmpdir(), 'agentswarm-link-'));
    symlinkSync(home, join(elsewhere, 'bin'));
    expect(view(join(elsewhere, 'bin')).folders).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });

  it('shows a linked folder of tools under both names', () => {
    const real = tool('versions', '1.0', 'bin', 'tool');
    folder('versions', '1.0', 'lib');
    symlinkSync(join(home, 'versions', '1.0'), join(home, 'current'));
    expect(view(join(home, 'current', 'bin')).folders).toEqual([join(home, 'current'), dirname(real)]);
  });

  it('passes over relative, missing and empty folders and those of projects', () => {
    folder('empty');
    const project = tool('project', 'node_modules', '.bin', 'tsc');
    expect(view('relative', join(home, 'missing'), join(home, 'empty'), project, '').folders).toEqual([]);
  });

  it('names files with credentials in what it shows', () => {
    const bin = tool('node', 'bin', 'node');
    folder('node', 'lib');
    folder('node', 'etc');
    writeFileSync(join(home, 'node', 'etc', 'npmrc'), 'token');
    expect(view(bin).secrets).toEqual([join(home, 'node', 'etc', 'npmrc')]);
  });

  it('brings the toolchains that Rust programs forward to', () => {
    const cargo = tool('.cargo', 'bin', 'cargo');
    folder('.rustup');
    expect(view(cargo)).toMatchObject({
      folders: [cargo, join(home, '.rustup')],
      rustupHome: join(home, '.rustup'),
    });
  });
});
