import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/engine/model/json.ts';
import { listFilesTool } from '../../src/engine/tools/filesystem/list-files.ts';
import { locate } from '../../src/engine/tools/filesystem/locate.ts';
import { openDirectory, type Addressing } from '../../src/engine/tools/filesystem/open-directory.ts';
import { openFile } from '../../src/engine/tools/filesystem/open-file.ts';
import { readFileTool } from '../../src/engine/tools/filesystem/read-file.ts';
import { writeFileTool } from '../../src/engine/tools/filesystem/write-file.ts';

let base: string;
let root: string;
let outside: string;

beforeEach(async () => {
  base = await fs.realpath(await fs.mkdtemp(join(tmpdir(), 'engine-tools-')));
  root = join(base, 'workspace');
  outside = join(base, 'outside');
  await fs.mkdir(join(root, 'docs'), { recursive: true });
  await fs.mkdir(outside);
  await fs.writeFile(join(outside, 'secret.txt'), 'secret');
  await fs.writeFile(join(root, 'docs', 'a.md'), '# A\n');
});
afterEach(() => fs.rm(base, { recursive: true, force: true }));

const contextOf = (confinedTo = root, signal = new AbortController().signal) => ({
  workspaceRoot: root,
  root: confinedTo,
  signal,
});
const read = (inputs: JsonObject) => readFileTool(inputs, contextOf());
const write = (inputs: JsonObject) => writeFileTool(inputs, contextOf());
const list = (inputs: JsonObject) => listFilesTool(inputs, contextOf());
const TOOLS = { read, write, list } as const;
const outsideNow = async () => ({
  names: await fs.readdir(outside),
  secret: await fs.readFile(join(outside, 'secret.txt'), 'utf8'),
});

describe('read_file', () => {
  it('reads a text file by relative and by absolute path', async () => {
    const path = join(root, 'docs', 'a.md');
    const expected = { path, relative_path: 'docs/a.md', bytes_read: 4, content: '# A\n' };
    expect(await read({ path: 'docs/a.md' })).toEqual(expected);
    expect(await read({ path })).toEqual(expected);
    expect(await read({ path: './docs/../docs//a.md' })).toEqual(expected);
  });

  it('reads the beginning of a long file, without half a character', async () => {
    await fs.writeFile(join(root, 'long'), 'aé'.repeat(40_000));
    expect(await read({ path: 'long' })).toMatchObject({ bytes_read: 50_000 });
    expect(await read({ path: 'long', max_bytes: 2 })).toMatchObject({ bytes_read: 2, content: 'a' });
    expect(await read({ path: 'long', max_bytes: 3 })).toMatchObject({ content: 'aé' });
  });

  it('replaces bytes that are no UTF-8 and keeps a byte order mark', async () => {
    await fs.writeFile(join(root, 'latin'), Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff]));
    expect(await read({ path: 'latin' })).toMatchObject({ content: '\uFEFFa\uFFFD' });
  });

  it('refuses binary files by name and by content', async () => {
    await fs.writeFile(join(root, 'image.PNG'), 'text');
    await fs.writeFile(join(root, 'data'), 'a\0b');
    await fs.writeFile(join(root, 'late'), `${'a'.repeat(512)}\0`);
    await expect(read({ path: 'image.PNG' })).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    await expect(read({ path: 'data' })).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    expect(await read({ path: 'late' })).toMatchObject({ bytes_read: 513 });
  });

  it('fails for what is missing or a directory', async () => {
    await expect(read({ path: 'missing' })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: '"missing" does not exist (ENOENT)',
    });
    await expect(read({ path: 'docs' })).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    await expect(read({ path: '.' })).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    await expect(read({ path: 'docs/a.md/b' })).rejects.toMatchObject({ details: { errno: 'ENOTDIR' } });
  });
});

describe('write_file', () => {
  it('makes directories and files, and replaces what was there', async () => {
    const path = join(root, 'new', 'dir', 'b.txt');
    expect(await write({ path: 'new/dir/b.txt', content: 'longer text' })).toEqual({
      path,
      relative_path: 'new/dir/b.txt',
      bytes_written: 11,
      content: 'longer text',
    });
    await write({ path: 'new/dir/b.txt', content: 'é' });
    expect(await fs.readFile(path, 'utf8')).toBe('é');
  });

  it('writes nothing by default, and what is no text as JSON', async () => {
    expect(await write({ path: 'empty' })).toMatchObject({ bytes_written: 0, content: '' });
    expect(await write({ path: 'data.json', content: { a: [1, null] } })).toMatchObject({
      content: '{"a":[1,null]}',
    });
    expect(await fs.readFile(join(root, 'data.json'), 'utf8')).toBe('{"a":[1,null]}');
  });

  it('refuses more than its limit and leaves the file alone', async () => {
    await expect(write({ path: 'docs/a.md', content: 'ééé', max_bytes: 5 })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
    });
    await expect(write({ path: 'docs/a.md', content: 'x'.repeat(1_000_001) })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
    });
    expect(await fs.readFile(join(root, 'docs', 'a.md'), 'utf8')).toBe('# A\n');
  });

  it('changes nothing once its call is over', async () => {
    const over = contextOf(root, AbortSignal.abort());
    await expect(writeFileTool({ path: 'docs/a.md', content: 'late' }, over)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await fs.readFile(join(root, 'docs', 'a.md'), 'utf8')).toBe('# A\n');
  });
});

describe('list_files', () => {
  it('lists names in code unit order; a file lists itself', async () => {
    for (const name of ['b', 'B', 'ä', 'a10', 'a9']) await fs.writeFile(join(root, name), '');
    expect(await list({})).toEqual({ path: root, entries: ['B', 'a10', 'a9', 'b', 'docs', 'ä'] });
    expect(await list({ path: 'docs' })).toEqual({ path: join(root, 'docs'), entries: ['a.md'] });
    expect(await list({ path: 'docs/a.md' })).toEqual({
      path: join(root, 'docs', 'a.md'),
      entries: ['a.md'],
    });
    await expect(list({ path: 'missing' })).rejects.toMatchObject({ details: { errno: 'ENOENT' } });
  });
});

describe.each(['read', 'write', 'list'] as const)('%s', (name) => {
  const tool = TOOLS[name];

  it.each([5, null, '', ['a'], {}])('refuses the path %j', async (path) => {
    await expect(tool({ path })).rejects.toMatchObject({ code: 'TOOL_INPUT_INVALID' });
  });

  it('reads its inputs, not their prototype', async () => {
    const inputs = Object.create({ path: 'docs/a.md' }) as JsonObject;
    if (name === 'list') expect(await tool(inputs)).toMatchObject({ path: root });
    else await expect(tool(inputs)).rejects.toMatchObject({ code: 'TOOL_INPUT_INVALID' });
  });

  it.each([
    '../outside/secret.txt',
    '/etc/passwd',
    'docs/../../outside',
    '..',
    'docs/a.md\0.png',
    '../workspace2/x',
  ])('does not leave its root by %j', async (path) => {
    await expect(tool({ path })).rejects.toMatchObject({ code: 'TOOL_PATH_ESCAPE' });
  });

  it('does not follow symlinks out of its root, whatever form they have', async () => {
    await fs.symlink(outside, join(root, 'dir'));
    await fs.symlink('../outside/secret.txt', join(root, 'file'));
    await fs.symlink('../outside/not-there', join(root, 'dangling'));
    await fs.symlink('dangling', join(root, 'chain'));
    await fs.symlink('../../outside', join(root, 'docs', 'up'));
    const before = await outsideNow();
    for (const path of [
      'dir',
      'dir/secret.txt',
      'dir/new.txt',
      'file',
      'dangling',
      'chain',
      'docs/up/new/x',
    ]) {
      await expect(tool({ path }), path).rejects.toMatchObject({ code: 'TOOL_PATH_ESCAPE' });
    }
    expect(await outsideNow()).toEqual(before);
  });

  it('is not confused by a sibling that begins like its root', async () => {
    await fs.mkdir(`${root}-2`);
    await expect(tool({ path: `${root}-2/x` })).rejects.toMatchObject({ code: 'TOOL_PATH_ESCAPE' });
  });

  it('stays in its own root inside the workspace', async () => {
    await fs.writeFile(join(root, 'top.txt'), 'top');
    const confined = { read: readFileTool, write: writeFileTool, list: listFilesTool }[name];
    const context = contextOf(join(root, 'docs'));
    await expect(confined({ path: '../top.txt' }, context)).rejects.toMatchObject({
      code: 'TOOL_PATH_ESCAPE',
    });
    expect(await confined({ path: 'a.md' }, context)).toMatchObject({ path: join(root, 'docs', 'a.md') });
  });

  it('refuses a root that is a symlink out of the workspace', async () => {
    await fs.symlink(outside, join(root, 'rooted'));
    const confined = { read: readFileTool, write: writeFileTool, list: listFilesTool }[name];
    const context = contextOf(join(root, 'rooted'));
    await expect(confined({ path: 'secret.txt' }, context)).rejects.toMatchObject({
      code: 'TOOL_PATH_ESCAPE',
    });
    expect((await outsideNow()).secret).toBe('secret');
  });

  it('does not go round in circles', async () => {
    await fs.symlink('loop-b', join(root, 'loop-a'));
    await fs.symlink('loop-a', join(root, 'loop-b'));
    await expect(tool({ path: 'loop-a' })).rejects.toMatchObject({ details: { errno: 'ELOOP' } });
  });
});

describe.each(['read', 'write'] as const)('%s', (name) => {
  it.each([0, -1, 1.5, 10_000_001, '5', null])('refuses max_bytes %j', async (max_bytes) => {
    await expect(TOOLS[name]({ path: 'docs/a.md', max_bytes })).rejects.toMatchObject({
      code: 'TOOL_INPUT_INVALID',
    });
  });

  it('refuses FIFOs and sockets without waiting for them', async () => {
    execFileSync('mkfifo', [join(root, 'fifo')]);
    await expect(TOOLS[name]({ path: 'fifo' })).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    await using server = createServer();
    await new Promise<void>((resolve) => void server.listen(join(root, 'socket'), resolve));
    await expect(TOOLS[name]({ path: 'socket' })).rejects.toMatchObject({ code: 'TOOL_FAILED' });
  });

  it('refuses a device where one can be reached', async () => {
    const context = { workspaceRoot: '/dev', root: '/dev', signal: new AbortController().signal };
    const tool = { read: readFileTool, write: writeFileTool }[name];
    await expect(tool({ path: 'null' }, context)).rejects.toMatchObject({ code: 'TOOL_FAILED' });
  });
});

it('follows symlinks that stay inside', async () => {
  await fs.symlink('docs', join(root, 'link'));
  await fs.symlink('docs/new.md', join(root, 'not-yet'));
  expect(await read({ path: 'link/a.md' })).toMatchObject({ relative_path: 'docs/a.md', content: '# A\n' });
  expect(await write({ path: 'not-yet', content: 'new' })).toMatchObject({ relative_path: 'docs/new.md' });
  expect(await list({ path: 'link' })).toMatchObject({ entries: ['a.md', 'new.md'] });
});

it('works in a workspace that is itself reached by a symlink, and answers in its terms', async () => {
  const alias = join(base, 'alias');
  await fs.symlink(root, alias);
  const context = { workspaceRoot: alias, root: alias, signal: new AbortController().signal };
  const expected = { path: join(alias, 'docs', 'a.md'), relative_path: 'docs/a.md' };
  expect(await readFileTool({ path: 'docs/a.md' }, context)).toMatchObject(expected);
  expect(await readFileTool({ path: join(root, 'docs', 'a.md') }, context)).toMatchObject(expected);
});

describe('a place that is swapped after it was located', () => {
  it('is not read or written through a symlink', async () => {
    const place = await locate('docs/a.md', contextOf());
    await fs.rm(join(root, 'docs', 'a.md'));
    await fs.symlink(join(outside, 'secret.txt'), join(root, 'docs', 'a.md'));
    await expect(openFile(place, 'read')).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    await expect(openFile(place, 'write')).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    expect((await outsideNow()).secret).toBe('secret');
  });

  it('is not entered when a directory on the way became a symlink', async () => {
    const file = await locate('docs/a.md', contextOf());
    const fresh = await locate('docs/new/file.md', contextOf());
    await fs.rename(join(root, 'docs'), join(root, 'moved'));
    await fs.symlink(outside, join(root, 'docs'));
    await fs.writeFile(join(outside, 'a.md'), 'other secret');
    for (const [place, purpose] of [
      [file, 'read'],
      [file, 'write'],
      [fresh, 'write'],
    ] as const) {
      await expect(openFile(place, purpose)).rejects.toMatchObject({
        code: expect.stringMatching(/^(ELOOP|ENOTDIR)$/),
      });
    }
    expect((await fs.readdir(outside)).toSorted()).toEqual(['a.md', 'secret.txt']);
    expect(await fs.readFile(join(outside, 'a.md'), 'utf8')).toBe('other secret');
  });

  it('stays the directory that was opened', async (context) => {
    if (process.platform !== 'linux') return context.skip('only Linux names entries by descriptor');
    await using directory = await openDirectory({ realRoot: root, names: ['docs'] });
    await fs.rename(join(root, 'docs'), join(root, 'moved'));
    await fs.symlink(outside, join(root, 'docs'));
    expect(await fs.readFile(directory.entry('a.md'), 'utf8')).toBe('# A\n');
    await directory.make('made');
    expect(await fs.readdir(join(root, 'moved'))).toEqual(['a.md', 'made']);
    return undefined;
  });

  it('never leads outside while somebody swaps it all the time', async () => {
    const target = join(root, 'target');
    const leaf = join(root, 'leaf.txt');
    const seen = new Set<unknown>();
    const codeOf = (error: unknown) => String((error as { code?: unknown }).code);
    /** The tool makes missing directories, so each step can find something in its way. */
    const attempt = (step: Promise<unknown>) => step.catch((error: unknown) => seen.add(codeOf(error)));
    const stop = new AbortController();
    const swapping = (async () => {
      while (!stop.signal.aborted) {
        await attempt(fs.rm(leaf, { force: true }));
        await attempt(fs.symlink(join(outside, 'secret.txt'), leaf));
        await attempt(fs.rm(target, { recursive: true, force: true }));
        await attempt(fs.symlink(outside, target));
        await attempt(fs.rm(leaf, { force: true }));
        await attempt(fs.writeFile(leaf, 'inside', { flag: 'wx' }));
        await attempt(fs.rm(target, { recursive: true, force: true }));
        await attempt(fs.mkdir(target).then(() => fs.writeFile(join(target, 'secret.txt'), 'inside')));
      }
    })();
    for (let round = 0; round < 200 || !(seen.has('inside') && seen.has('TOOL_PATH_ESCAPE')); round += 1) {
      const outputs = await Promise.allSettled([
        readFileTool({ path: 'target/secret.txt' }, contextOf()),
        writeFileTool({ path: 'target/secret.txt', content: 'inside' }, contextOf()),
        readFileTool({ path: 'leaf.txt' }, contextOf()),
        writeFileTool({ path: 'leaf.txt', content: 'inside' }, contextOf()),
        writeFileTool({ path: `target/new-${round}.txt`, content: 'inside' }, contextOf()),
      ]);
      for (const output of outputs) {
        seen.add(output.status === 'fulfilled' ? output.value['content'] : codeOf(output.reason));
      }
    }
    stop.abort();
    await swapping;
    expect(seen).not.toContain('secret');
    expect(await outsideNow()).toEqual({ names: ['secret.txt'], secret: 'secret' });
  });
});

describe.each<Addressing>(['descriptor', 'path'])('a directory opened by %s', (addressing) => {
  it.skipIf(addressing === 'descriptor' && process.platform !== 'linux')(
    'is made, entered and verified',
    async () => {
      const names = ['one', 'two'];
      await using made = await openDirectory({ realRoot: root, names }, { create: true, addressing });
      await fs.writeFile(made.entry('x'), '');
      expect(await fs.readdir(join(root, 'one', 'two'))).toEqual(['x']);
      await fs.symlink(outside, join(root, 'out'));
      await expect(openDirectory({ realRoot: root, names: ['out'] }, { addressing })).rejects.toMatchObject({
        code: expect.stringMatching(/^(ELOOP|ENOTDIR)$/),
      });
    },
  );
});

it('notices a swap of the path it opened by, where descriptors cannot be named', async () => {
  await using directory = await openDirectory({ realRoot: root, names: ['docs'] }, { addressing: 'path' });
  await fs.rename(join(root, 'docs'), join(root, 'moved'));
  await fs.symlink(outside, join(root, 'docs'));
  await expect(directory.verify()).rejects.toMatchObject({ code: 'TOOL_PATH_ESCAPE' });
});
