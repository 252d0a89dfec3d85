import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measureFolders } from './measure-folders.ts';

const PAGE = 4096;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentswarm-measure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = async (enoughBytes = Number.POSITIVE_INFINITY) =>
  (await measureFolders([folder], enoughBytes)).bytes;

describe('measureFolders', () => {
  it('counts files without content, and follows no link', async () => {
    for (let index = 0; index < 50; index++) writeFileSync(join(folder, String(index)), '');
    symlinkSync('/', join(folder, 'link'));
    expect(await bytesOf()).toBe(51 * PAGE);
  });

  it('counts a file with several names once', async () => {
    writeFileSync(join(folder, 'a'), Buffer.alloc(100 * PAGE, 1));
    const before = await bytesOf();
    linkSync(join(folder, 'a'), join(folder, 'b'));
    expect(await bytesOf()).toBe(before);
    expect(before).toBeGreaterThanOrEqual(100 * PAGE);
  });

  it('counts what a file takes, not what it says its size is', async () => {
    writeFileSync(join(folder, 'small'), 'x');
    truncateSync(join(folder, 'small'), 1024 * 1024 * 1024);
    expect(await bytesOf()).toBeLessThan(1024 * 1024);
  });

  it('stops when it is enough', async () => {
    for (let index = 0; index < 50; index++) writeFileSync(join(folder, String(index)), '');
    expect(await bytesOf(10 * PAGE)).toBeLessThanOrEqual(50 * PAGE);
    expect(await bytesOf(10 * PAGE)).toBeGreaterThan(10 * PAGE);
  });

  it('takes what lies too deep to be looked at for endless', async () => {
    // No name can be so long at once: two halves are put together.
    const half = Array.from({ length: 12 }, () => 'd'.repeat(200)).join('/');
    mkdirSync(join(folder, 'a', half), { recursive: true });
    mkdirSync(join(folder, 'b', half), { recursive: true });
    renameSync(join(folder, 'b'), join(folder, 'a', half, 'b'));
    expect(await bytesOf()).toBe(Number.POSITIVE_INFINITY);
    renameSync(join(folder, 'a', half, 'b'), join(folder, 'b'));
  });

  it('says when it could not look everywhere', async (context) => {
    if (process.getuid?.() === 0) context.skip('nothing is unreadable for root');
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o000);
    expect(await measureFolders([folder], 1e9)).toMatchObject({ complete: false });
    chmodSync(join(folder, 'closed'), 0o700);
  });

  it('finds nothing where there is nothing', async () => {
    rmSync(folder, { recursive: true });
    expect(await measureFolders([folder], 1e9)).toMatchObject({ bytes: 0, complete: true });
  });
});
