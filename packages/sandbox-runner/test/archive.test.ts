import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAllowance } from '../src/transfer/allowance.ts';
import { packTree } from '../src/transfer/pack-tree.ts';
import { readTar } from '../src/transfer/read-tar.ts';
import { formatTarHeader } from '../src/transfer/tar-header.ts';
import { unpackTree } from '../src/transfer/unpack-tree.ts';
import { temporaryFolder } from './local-machine.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 25 : 500;
const REFUSED = { code: 'SANDBOX_TRANSFER_REFUSED' };

async function pack(folder: string, left = createAllowance()): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of packTree(folder, { left })) parts.push(part);
  return Buffer.concat(parts);
}

async function* inParts(bytes: Uint8Array, length = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function unpack(bytes: Uint8Array, left = createAllowance()): Promise<string> {
  const folder = join(temporaryFolder('unpack'), 'tree');
  mkdirSync(folder);
  await unpackTree(readTar(inParts(bytes)), { folder, left });
  return folder;
}

type Tree = ReadonlyMap<string, string>;

/** All that a transfer keeps. */
function tell(folder: string, prefix = ''): Tree {
  const told = new Map<string, string>();
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) told.set(prefix + name, `-> ${readlinkSync(path)}`);
    else if (stats.isDirectory()) {
      told.set(`${prefix}${name}/`, '');
      for (const [inner, what] of tell(path, `${prefix}${name}/`)) told.set(inner, what);
    } else told.set(prefix + name, `${stats.mode & 0o100 ? 'x' : '-'} ${readFileSync(path, 'hex')}`);
  }
  return told;
}

const names = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom(
      'a',
      'A',
      'é',
      'e\u0301',
      '-rf',
      'new\nline',
      '\\',
      '*',
      'n'.repeat(200),
      'ü'.repeat(100),
    ),
  )
  .filter(
    (name) =>
      !/[/\0]/.test(name) &&
      name !== '.' &&
      name !== '..' &&
      Buffer.byteLength(name) <= 250 &&
      name.isWellFormed(),
  );
const bodies = fc.uint8Array({ maxLength: 1_500 });
const trees = fc.dictionary(
  names,
  fc.oneof(
    fc.record({ kind: fc.constant('file' as const), body: bodies, executable: fc.boolean() }),
    fc.record({ kind: fc.constant('folder' as const), inner: fc.dictionary(names, bodies, { maxKeys: 3 }) }),
    fc.record({ kind: fc.constant('link' as const), target: names }),
  ),
  { maxKeys: 6 },
);

function write(folder: string, tree: typeof trees extends fc.Arbitrary<infer T> ? T : never): void {
  mkdirSync(folder);
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(folder, name);
    if (entry.kind === 'link') symlinkSync(entry.target, path);
    else if (entry.kind === 'file') {
      writeFileSync(path, entry.body);
      chmodSync(path, entry.executable ? 0o4755 : 0o2644);
    } else {
      mkdirSync(path);
      for (const [inner, body] of Object.entries(entry.inner)) writeFileSync(join(path, inner), body);
    }
  }
}

describe('an archive', () => {
  it('is the same tree for the tar of this machine, both ways, and for ourselves', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const folder = temporaryFolder('archive');
        const [from, byTar] = [join(folder, 'from'), join(folder, 'by-tar')];
        write(from, tree);
        const told = tell(from);
        mkdirSync(byTar);
        const packed = await pack(from);
        execFileSync('tar', ['-xof', '-', '-C', byTar], { input: packed });
        expect(tell(byTar)).toEqual(told);
        expect(tell(await unpack(packed))).toEqual(told);
        for (const format of ['gnu', 'pax', 'ustar'] as const) {
          const args = [`--format=${format}`, '-cf', '-', '-C', from, '.'];
          // The oldest format has no way to tell long names.
          const texts = [...told].flatMap(([path, what]) => [path, what.startsWith('->') ? what : '']);
          if (format === 'ustar' && texts.some((text) => Buffer.byteLength(text) > 90)) continue;
          expect(
            tell(await unpack(execFileSync('tar', args, { stdio: ['ignore', 'pipe', 'ignore'] }))),
          ).toEqual(told);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('of the oldest format has its longer names in two parts', async () => {
    const folder = temporaryFolder('ustar');
    const path = join('d'.repeat(90), 'f'.repeat(90));
    mkdirSync(join(folder, path, '..'));
    writeFileSync(join(folder, path), 'x');
    const archive = execFileSync('tar', ['--format=ustar', '-cf', '-', '-C', folder, '.']);
    expect([...tell(await unpack(archive)).keys()]).toEqual([`${'d'.repeat(90)}/`, path]);
  });

  it('never keeps a setuid bit', async () => {
    const folder = temporaryFolder('setuid');
    writeFileSync(join(folder, 'program'), '');
    chmodSync(join(folder, 'program'), 0o6755);
    const unpacked = await unpack(execFileSync('tar', ['-cf', '-', '-C', folder, '.']));
    expect(lstatSync(join(unpacked, 'program')).mode & 0o7100).toBe(0o100);
  });

  it('of any bytes is refused or harmless', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }),
        fc.nat(),
        async (changes, cut) => {
          const folder = temporaryFolder('garbled');
          const from = join(folder, 'from');
          mkdirSync(from);
          writeFileSync(join(from, 'file'), 'content');
          symlinkSync('file', join(from, 'link'));
          const bytes = await pack(from);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            await unpack(bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length));
          } catch (error) {
            expect(error).toMatchObject(REFUSED);
          }
        },
      ),
      { numRuns: RUNS * 4 },
    );
  });
});

/** An archive of one entry after another, as nobody's tar would make it. */
function forge(
  ...entries: readonly Partial<Parameters<typeof formatTarHeader>[0] & { body: string }>[]
): Buffer {
  const blocks = entries.flatMap(({ body = '', ...fields }) => {
    const size = fields.size ?? Buffer.byteLength(body);
    const header = {
      name: 'name',
      type: '0',
      linkName: '',
      executable: false,
      mtimeSeconds: 0,
      ...fields,
      size,
    };
    const content = Buffer.alloc(Math.ceil(Buffer.byteLength(body) / 512) * 512);
    content.write(body);
    return [formatTarHeader(header), content];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const outside = (name: string, type = '0') => ({ name, type, body: type === '0' ? 'escaped' : '' });

describe('a hostile archive is refused', () => {
  it.each([
    ['a name that goes up', forge(outside('../escaped'))],
    ['a name that goes up on the way', forge(outside('a', '5'), outside('a/../../escaped'))],
    ['an absolute name', forge(outside('/tmp/escaped'))],
    ['a name of nothing', forge(outside('.'))],
    ['a file through a link', forge({ name: 'l', type: '2', linkName: '.' }, outside('l/escaped'))],
    ['a file through a link out', forge({ name: 'l', type: '2', linkName: '/tmp' }, outside('l/escaped'))],
    ['a file in the place of a link', forge({ name: 'l', type: '2', linkName: 'x' }, outside('l'))],
    ['a folder in the place of a link', forge({ name: 'l', type: '2', linkName: 'x' }, outside('l', '5'))],
    ['a file below a file', forge(outside('f'), outside('f/escaped'))],
    ['a file in a folder that was not made', forge(outside('a/b'))],
    ['a file twice', forge(outside('f'), outside('f'))],
    ['an absolute link', forge({ name: 'l', type: '2', linkName: '/etc/passwd' })],
    ['a link up and out', forge({ name: 'l', type: '2', linkName: '../x' })],
    ['a link that goes down and up', forge({ name: 'l', type: '2', linkName: 'a/../../x' })],
    ['an empty link', forge({ name: 'l', type: '2', linkName: '' })],
    ['a hard link to the host', forge({ name: 'h', type: '1', linkName: '/etc/passwd' })],
    ['a hard link up', forge({ name: 'h', type: '1', linkName: '../../etc/passwd' })],
    [
      'a hard link to a link',
      forge({ name: 'l', type: '2', linkName: 'x' }, { name: 'h', type: '1', linkName: 'l' }),
    ],
    ['a hard link to itself', forge({ name: 'h', type: '1', linkName: 'h' })],
    ['a character device', forge({ name: 'd', type: '3' })],
    ['a block device', forge({ name: 'd', type: '4' })],
    ['a pipe', forge({ name: 'p', type: '6' })],
    ['a sparse file', forge({ name: 's', type: 'S' })],
    ['a long name without end', forge({ name: 'x', type: 'x', size: 2 ** 32 })],
    ['a long name that is no record', forge({ name: 'x', type: 'x', body: '99999 path=a\n' })],
    ['a record of no length', forge({ name: 'x', type: 'x', body: '0 path=a\n' })],
    ['another size in a record', forge({ name: 'x', type: 'x', body: '10 size=1\n' }, outside('f'))],
    ['a long name that goes up', forge({ name: 'x', type: 'L', body: '../escaped\0' }, outside('f'))],
    ['a name with a zero', forge({ name: 'x', type: 'x', body: '13 path=a\0b\n\n' }, outside('f'))],
    ['a name no system takes', forge({ name: 'x', type: 'L', body: 'n'.repeat(5_000) }, outside('f'))],
    ['a content that breaks off', forge({ name: 'f', size: 10_000, body: 'short' })],
    ['an archive that breaks off', forge(outside('f')).subarray(0, 900)],
    ['nothing at all', Buffer.alloc(0)],
    ['another format', Buffer.from('PK'.repeat(600))],
    ['an end without end', Buffer.concat([forge(outside('f')), Buffer.alloc(4 * 1024 * 1024)])],
  ])('%s', async (_what, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject(REFUSED);
    expect(existsSync('/tmp/escaped')).toBe(false);
  });

  it('more bytes, or more files, than allowed', async () => {
    const three = forge(outside('a'), { name: 'b', type: '1', linkName: 'a' }, outside('c', '5'));
    await expect(unpack(three, createAllowance(13))).rejects.toMatchObject(REFUSED);
    await expect(unpack(three, createAllowance(14, 2))).rejects.toMatchObject(REFUSED);
    expect([...tell(await unpack(three, createAllowance(14, 3))).keys()]).toEqual(['a', 'b', 'c/']);
  });
});

describe('a folder of the host', () => {
  it('with pipes or sockets is refused, and links are not followed', async () => {
    const folder = temporaryFolder('host');
    symlinkSync('/etc/passwd', join(folder, 'link'));
    symlinkSync('/etc', join(folder, 'folder'));
    const packed = await pack(folder);
    expect(packed.includes('root:')).toBe(false);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(pack(folder)).rejects.toMatchObject(REFUSED);
    const sockets = temporaryFolder('host');
    const server = createServer().listen(join(sockets, 'socket'));
    await expect(pack(sockets)).rejects.toMatchObject(REFUSED);
    await new Promise((resolve) => server.close(resolve));
  });

  it('comes and goes as deep as allowed, and no deeper', async () => {
    const folders = (depth: number) => Array.from({ length: depth }, () => 'd');
    const tree = temporaryFolder('host');
    mkdirSync(join(tree, ...folders(199)), { recursive: true });
    expect(existsSync(join(await unpack(await pack(tree)), ...folders(199)))).toBe(true);
    const entries = folders(200).map((_name, index) => ({
      kind: 'folder' as const,
      path: folders(index + 1).join('/'),
    }));
    const unpacked = unpackTree(ReadableStream.from(entries), {
      folder: temporaryFolder('deep'),
      left: createAllowance(),
    });
    await expect(unpacked).rejects.toMatchObject(REFUSED);
  });

  it('deeper, larger or of more files than allowed is refused', async () => {
    const folder = temporaryFolder('host');
    mkdirSync(join(folder, ...Array.from({ length: 250 }, () => 'd')), { recursive: true });
    await expect(pack(folder)).rejects.toMatchObject(REFUSED);
    const files = temporaryFolder('host');
    for (const name of ['a', 'b']) writeFileSync(join(files, name), '12345');
    await expect(pack(files, createAllowance(9))).rejects.toMatchObject(REFUSED);
    await expect(pack(files, createAllowance(10, 1))).rejects.toMatchObject(REFUSED);
    expect((await pack(files, createAllowance(10, 2))).length).toBe(6 * 512);
  });

  it('gives a growing file as it was, and refuses one that shrinks', async () => {
    const folder = temporaryFolder('host');
    const file = join(folder, 'file');
    writeFileSync(file, 'a'.repeat(1_000_000));
    const growing = packTree(folder, { left: createAllowance() });
    await growing.next();
    writeFileSync(file, 'a'.repeat(2_000_000));
    let bytes = 512;
    for await (const part of growing) bytes += part.length;
    expect(bytes).toBe(512 + Math.ceil(1_000_000 / 512) * 512 + 1024);
    const shrinking = packTree(folder, { left: createAllowance() });
    await shrinking.next();
    writeFileSync(file, 'a');
    await expect(Array.fromAsync(shrinking)).rejects.toMatchObject(REFUSED);
  });

  it('whose folder is swapped for a link gives nothing from elsewhere', async () => {
    const folder = temporaryFolder('host');
    const secret = temporaryFolder('secret');
    writeFileSync(join(secret, 'file'), 'canary');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/file'), 'plain');
    const packing = packTree(folder, { left: createAllowance() });
    // The folder is open once its header came.
    await packing.next();
    execFileSync('sh', ['-c', 'mv "$0/sub" "$0/gone" && ln -s "$1" "$0/sub"', folder, secret]);
    const parts = Buffer.concat(await Array.fromAsync(packing));
    if (process.platform === 'linux') expect(parts.includes('plain')).toBe(true);
    expect(parts.includes('canary')).toBe(false);
  });
});
