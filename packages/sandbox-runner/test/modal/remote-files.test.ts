import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REMOTE_PATHS } from '../../src/modal/files/remote-places.ts';
import type { ShimProcess } from '../../src/modal/shim/shim-process.ts';
import { describeWithPython, shimOf, startFakeModal, type FakeModal } from './fake-modal.ts';
import { filesOn, type TestFiles } from './files-on.ts';

const { control, workdir } = REMOTE_PATHS;

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

describeWithPython('the files of a remote sandbox', () => {
  let modal: FakeModal;
  let shim: ShimProcess;
  let sandboxId: string;
  let files: TestFiles;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentswarm-remote-files-'));
    modal = await startFakeModal();
    shim = await shimOf(modal);
    ({ sandboxId, files } = await open());
  });
  afterAll(async () => {
    await shim.close('terminate');
    await modal[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const open = async () => {
    const spec = { timeoutMs: 600_000, network: { kind: 'none' }, tags: { run: 'run-files' } } as const;
    const { connection } = shim;
    const made = await connection.call('sandbox.create', spec);
    const opened = filesOn(connection, made.sandboxId);
    await sh(opened, `mkdir -p ${control} ${workdir}`);
    return { sandboxId: made.sandboxId, files: opened };
  };
  const sh = async (on: TestFiles, script: string) => {
    const command = ['sh', '-c', script] as const;
    return on.run({ command: [...command], env: {}, cwd: '/', maxOutputBytes: 10_000 }).result;
  };

  it('reads and writes files, and none through a link or elsewhere', async () => {
    const bytes = Buffer.from([0, 255, 10, 13]);
    await files.writeFile(`${workdir}/deep/er/file`, bytes);
    expect(Buffer.from(await files.readFile(`${workdir}/deep/er/file`))).toEqual(bytes);
    await sh(files, `ln -s /etc/passwd ${control}/link; ln -s /etc ${control}/folder`);
    const refused = { code: 'SANDBOX_FILE_REFUSED' };
    for (const path of [`${control}/link`, `${control}/folder/passwd`, '/etc/passwd', `${control}/../x`]) {
      await expect(files.readFile(path), path).rejects.toMatchObject(refused);
      await expect(files.writeFile(path, 'x'), path).rejects.toMatchObject(refused);
    }
    await expect(files.readFile(`${control}/missing`)).rejects.toMatchObject({
      ...refused,
      details: { missing: true },
    });
    await expect(files.readFile(`${workdir}/deep/er/file`, { maxBytes: 3 })).rejects.toMatchObject(refused);
  });

  it('copies trees both ways', async () => {
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'sub'), { recursive: true });
    await writeFile(join(tree, 'sub', 'big'), Buffer.alloc(3_000_000, 'x'));
    await symlink('sub/big', join(tree, 'link'));
    await files.upload(tree, `${workdir}/tree`);
    await sh(files, `printf added >${workdir}/tree/added; mkdir ${workdir}/tree/.git`);
    await files.download(`${workdir}/tree`, join(folder, 'back'));
    expect((await readdir(join(folder, 'back'))).toSorted()).toEqual(['added', 'link', 'sub']);
    expect((await readFile(join(folder, 'back', 'link'))).length).toBe(3_000_000);
    await sh(files, `ln -s /etc/passwd ${workdir}/tree/out`);
    const hostile = files.download(`${workdir}/tree`, join(folder, 'hostile'));
    await expect(hostile).rejects.toMatchObject({ code: 'SANDBOX_TRANSFER_REFUSED' });
    expect((await readdir(folder)).toSorted()).toEqual(['back', 'tree']);
  });

  it('follows a file from before it exists until it is told to end, and from where a reader stopped', async () => {
    const file = `${control}/frames`;
    const done = new AbortController();
    const following = textOf(files.follow(file, { signal: done.signal }));
    await sh(files, `for n in 1 2 3; do echo "line $n" >>${file}; sleep 0.1; done`);
    done.abort();
    expect(await following).toBe('line 1\nline 2\nline 3\n');
    const rest = files.follow(file, { fromByte: 14, signal: AbortSignal.abort() });
    expect(await textOf(rest)).toBe('line 3\n');
    await sh(files, `mkfifo ${control}/pipe; ln -s frames ${control}/other`);
    for (const name of ['pipe', 'other', '../x']) {
      const refused = textOf(files.follow(`${control}/${name}`, { signal: AbortSignal.abort() }));
      await expect(refused, name).rejects.toMatchObject({ code: 'SANDBOX_FILE_REFUSED' });
    }
  });

  it('gives all of a big file to a reader who takes his time', async () => {
    await sh(files, `seq 1 300000 >${control}/long`);
    const parts: Uint8Array[] = [];
    for await (const part of files.follow(`${control}/long`, { signal: AbortSignal.abort() })) {
      parts.push(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const numbers = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`);
    expect(Buffer.concat(parts).equals(Buffer.from(numbers.join('')))).toBe(true);
  });

  it('ends with the sandbox, and is lost, to be followed again, when the shim dies', async () => {
    const never = new AbortController().signal;
    const doomed = await open();
    const ending = textOf(doomed.files.follow(`${control}/never`, { signal: never }));
    await shim.connection.call('sandbox.terminate', { sandboxId: doomed.sandboxId });
    expect(await ending).toBe('');

    await using other = await shimOf(modal);
    const { connection } = other;
    await connection.call('sandbox.attach', { sandboxId });
    await files.writeFile(`${control}/cut`, 'first');
    const elsewhere = filesOn(connection, sandboxId);
    const read = async () => {
      for await (const part of elsewhere.follow(`${control}/cut`, { signal: never })) {
        expect(String(part)).toBe('first');
        await other[Symbol.asyncDispose]();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'SANDBOX_STREAM_LOST', traits: { retryable: true } });
  });
});
