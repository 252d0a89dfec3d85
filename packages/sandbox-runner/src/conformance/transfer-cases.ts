import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CaseContext, SuiteCase } from './suite-case.ts';

/** A small tree of every kind that is transferred. */
const MAKE_TREE = `
mkdir -p tree/deep/er tree/empty
printf 'one' >tree/one; printf '#!/bin/sh\\n' >tree/deep/run; chmod 755 tree/deep/run
printf 'two' >"tree/deep/er/ü ber 'quoted'"; : >tree/none
printf 'long' >"tree/$(printf 'n%.0s' $(seq 1 200))"
ln -s deep/er tree/link; ln -s ../one tree/deep/up; ln tree/one tree/again`;

/** Tells all of a tree that a transfer keeps. */
const TELL_TREE = `
cd tree && find . | LC_ALL=C sort | while IFS= read -r p; do
  if [ -L "$p" ]; then echo "$p -> $(readlink "$p")"
  elif [ -d "$p" ]; then echo "$p/"
  elif [ -x "$p" ]; then echo "$p* $(cat "$p")"
  else echo "$p $(cat "$p")"; fi; done`;

async function told(sandbox: Awaited<ReturnType<CaseContext['open']>>): Promise<string> {
  const { stdout, stderr } = await sandbox.exec({ command: ['sh', '-c', TELL_TREE] }).result;
  expect(stderr).toBe('');
  return stdout;
}

const REFUSED = { code: 'SANDBOX_TRANSFER_REFUSED' };

/** A folder on the host that goes with the test. */
async function hostFolder({ source }: CaseContext): Promise<string> {
  return mkdtemp(join(source.folder, 'transfer-'));
}

export const transferCases: readonly SuiteCase[] = [
  {
    title: 'copies a tree to the host and to another sandbox, as it is',
    run: async (context) => {
      const [from, to] = [await context.open(), await context.open()];
      const made = await from.exec({ command: ['sh', '-c', MAKE_TREE] }).result;
      expect(made).toMatchObject({ exitCode: 0, stderr: '' });
      const folder = join(await hostFolder(context), 'copy');
      await from.download(`${from.paths.workdir}/tree`, folder);
      expect(await readFile(join(folder, 'one'), 'utf8')).toBe('one');
      expect((await stat(join(folder, 'one'))).mode & 0o111).toBe(0);
      expect((await stat(join(folder, 'deep/run'))).mode & 0o100).toBe(0o100);
      expect(await readlink(join(folder, 'link'))).toBe('deep/er');
      expect(await readdir(join(folder, 'empty'))).toEqual([]);
      await to.upload(folder, `${to.paths.workdir}/tree`);
      const tree = await told(from);
      expect(tree.split('\n').length).toBeGreaterThan(10);
      expect(await told(to)).toBe(tree);
    },
  },
  {
    title: 'copies a tree to and from the work directory of a source, however it was checked out',
    run: async (context) => {
      const { open, source } = context;
      for (const checkout of ['own', 'overlay'] as const) {
        const folder = await hostFolder(context);
        const sandbox = await open({ source: source.at(source.commit), checkout });
        await writeFile(join(folder, 'added'), 'added');
        await sandbox.upload(folder, `${sandbox.paths.workdir}/sub/folder`);
        await sandbox.writeFile(`${sandbox.paths.workdir}/sub/written`, 'written');
        expect(String(await sandbox.readFile(`${sandbox.paths.workdir}/sub/folder/added`))).toBe('added');
        expect(String(await sandbox.readFile(`${sandbox.paths.workdir}/README.md`))).toBe('hello\n');
        await sandbox.exec({ command: ['rm', 'README.md'] }).result;
        await expect(sandbox.readFile(`${sandbox.paths.workdir}/README.md`)).rejects.toMatchObject({
          code: 'SANDBOX_FILE_REFUSED',
        });
        await sandbox.download(sandbox.paths.workdir, join(folder, 'back'));
        // Whoever runs git in what came must not run what a sandbox planted.
        expect(await readdir(join(folder, 'back'))).toEqual(['sub']);
        expect(await readFile(join(folder, 'back/sub/written'), 'utf8')).toBe('written');
      }
    },
  },
  {
    title: 'refuses to bring over what leads out, is no file, or does not exist, and leaves nothing',
    run: async (context) => {
      const folder = await hostFolder(context);
      const sandbox = await context.open();
      const hostile = [
        'ln -s /etc/passwd tree/x',
        'ln -s ../outside tree/x',
        'mkdir tree/a; ln -s ../../b tree/a/x',
        'mkdir -p tree/a/b; ln -s ../.. tree/a/b/up; ln -s a/b/up/../b tree/x',
        'mkfifo tree/x',
      ];
      for (const script of hostile) {
        const command = ['sh', '-c', `rm -rf tree; mkdir tree; echo 1 >tree/first; ${script}`] as const;
        expect(await sandbox.exec({ command: [...command] }).result).toMatchObject({ exitCode: 0 });
        const download = sandbox.download(`${sandbox.paths.workdir}/tree`, join(folder, 'copy'));
        await expect(download, script).rejects.toMatchObject(REFUSED);
      }
      const { workdir } = sandbox.paths;
      await sandbox.exec({ command: ['sh', '-c', 'ln -s / root; echo 1 >file'] }).result;
      for (const path of ['root/etc', 'root', 'file', 'missing']) {
        const download = sandbox.download(`${workdir}/${path}`, join(folder, 'copy'));
        await expect(download, path).rejects.toMatchObject(REFUSED);
      }
      for (const path of ['/etc', `${workdir}/../..`]) {
        await expect(sandbox.download(path, join(folder, 'copy')), path).rejects.toMatchObject({
          code: 'SANDBOX_FILE_REFUSED',
        });
      }
      expect(await readdir(folder)).toEqual([]);
    },
  },
  {
    title: 'refuses to bring over more than is allowed, or over what exists',
    run: async (context) => {
      const folder = await hostFolder(context);
      const sandbox = await context.open();
      const script = 'mkdir tree; printf 12345 >tree/a; printf 12345 >tree/b; ln tree/b tree/c';
      await sandbox.exec({ command: ['sh', '-c', script] }).result;
      const tree = `${sandbox.paths.workdir}/tree`;
      const tooMuch = sandbox.download(tree, join(folder, 'copy'), { maxBytes: 14 });
      await expect(tooMuch).rejects.toMatchObject(REFUSED);
      expect(await readdir(folder)).toEqual([]);
      await mkdir(join(folder, 'there'));
      await expect(sandbox.download(tree, join(folder, 'there'))).rejects.toMatchObject(REFUSED);
      await sandbox.download(tree, join(folder, 'copy'), { maxBytes: 15 });
      const upload = sandbox.upload(join(folder, 'copy'), `${tree}2`, { maxBytes: 14 });
      await expect(upload).rejects.toMatchObject(REFUSED);
    },
  },
  {
    title: 'refuses to take a tree through a link or outside its folders',
    run: async (context) => {
      const folder = await hostFolder(context);
      const sandbox = await context.open();
      const outside = join(folder, 'outside');
      await mkdir(outside);
      await mkdir(join(folder, 'tree'));
      await writeFile(join(folder, 'tree/file'), 'x');
      await sandbox.exec({ command: ['ln', '-s', outside, 'out'] }).result;
      for (const path of ['out', 'out/deeper']) {
        const upload = sandbox.upload(join(folder, 'tree'), `${sandbox.paths.workdir}/${path}`);
        await expect(upload, path).rejects.toMatchObject(REFUSED);
      }
      await expect(sandbox.upload(join(folder, 'tree'), outside)).rejects.toMatchObject({
        code: 'SANDBOX_FILE_REFUSED',
      });
      expect(await readdir(outside)).toEqual([]);
      await expect(
        sandbox.upload(join(folder, 'missing'), `${sandbox.paths.workdir}/x`),
      ).rejects.toMatchObject(REFUSED);
      await symlink('tree', join(folder, 'link'));
      await expect(sandbox.upload(join(folder, 'link'), `${sandbox.paths.workdir}/x`)).rejects.toMatchObject(
        REFUSED,
      );
      await rm(join(folder, 'link'));
    },
  },
  {
    title: 'ends a transfer on request, leaving nothing on the host',
    run: async (context) => {
      const folder = await hostFolder(context);
      const sandbox = await context.open();
      const script = 'mkdir tree; for i in $(seq 300); do head -c 20000 /dev/zero >tree/$i; done';
      await sandbox.exec({ command: ['sh', '-c', script] }).result;
      const abort = new AbortController();
      const options = { signal: abort.signal };
      const tree = `${sandbox.paths.workdir}/tree`;
      const download = sandbox.download(tree, join(folder, 'copy'), options);
      abort.abort();
      await expect(download).rejects.toMatchObject({ name: 'AbortError' });
      expect(await readdir(folder)).toEqual([]);
      await sandbox.download(tree, join(folder, 'copy'));
      const upload = sandbox.upload(join(folder, 'copy'), `${tree}2`, options);
      await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    },
  },
  {
    title: 'starts commands in a folder of the checkout, where one is named',
    run: async ({ open, source, backend }) => {
      const commit = await source.commitFiles({ 'sub/folder/file': 'f' });
      const sandbox = await open({ source: source.at(commit), workdir: 'sub/folder/' });
      expect((await sandbox.exec({ command: ['ls'] }).result).stdout).toBe('file\n');
      const elsewhere = sandbox.exec({ command: ['ls'], cwd: sandbox.paths.workdir });
      expect((await elsewhere.result).stdout).toBe('README.md\nsub\n');
      const labels = { run: 'run-workdir', purpose: 'command' } as const;
      for (const workdir of ['..', 'sub/../..', '/etc', 'missing', 'README.md']) {
        const creating = backend.create({ labels, source: source.at(commit), workdir });
        await expect(creating, workdir).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
      }
      expect(await backend.list({ run: 'run-workdir' })).toEqual([]);
    },
  },
];
