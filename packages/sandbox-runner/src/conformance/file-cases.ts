import { expect } from 'vitest';
import type { SuiteCase } from './suite-case.ts';

export const fileCases: readonly SuiteCase[] = [
  {
    title: 'writes and reads files that commands see too',
    run: async ({ open }) => {
      const sandbox = await open();
      const file = `${sandbox.paths.control}/a/b.bin`;
      const bytes = new Uint8Array([0, 255, 10, 13, 128]);
      await sandbox.writeFile(file, bytes);
      const copied = `${sandbox.paths.workdir}/copy`;
      expect((await sandbox.exec({ command: ['cp', file, copied] }).result).exitCode).toBe(0);
      expect([...(await sandbox.readFile(copied))]).toEqual([...bytes]);
    },
  },
  {
    title: 'refuses to read what is missing, too big, a link, a pipe or a folder',
    run: async ({ open }) => {
      const sandbox = await open();
      const { workdir } = sandbox.paths;
      const script = 'mkdir folder; ln -s /etc/passwd link; ln -s / root; mkfifo pipe; echo 12345 >big';
      expect((await sandbox.exec({ command: ['sh', '-c', script] }).result).exitCode).toBe(0);
      for (const name of ['none', 'folder', 'link', 'root/etc/passwd', 'pipe', '../control', '.']) {
        await expect(sandbox.readFile(`${workdir}/${name}`), name).rejects.toMatchObject({
          code: 'SANDBOX_FILE_REFUSED',
        });
      }
      await expect(sandbox.readFile(`${workdir}/big`, { maxBytes: 5 })).rejects.toMatchObject({
        code: 'SANDBOX_FILE_REFUSED',
      });
      expect((await sandbox.readFile(`${workdir}/big`, { maxBytes: 6 })).length).toBe(6);
    },
  },
  {
    title: 'refuses to write through a link or outside its folders',
    run: async ({ open, source }) => {
      const sandbox = await open();
      const { workdir } = sandbox.paths;
      const target = `${source.folder}/written-through-link`;
      const script = `ln -s ${source.folder} out; ln -s ${target} file`;
      expect((await sandbox.exec({ command: ['sh', '-c', script] }).result).exitCode).toBe(0);
      for (const path of [`${workdir}/out/x`, `${workdir}/file`, target, '/etc/x', `${workdir}/../../x`]) {
        await expect(sandbox.writeFile(path, 'x'), path).rejects.toMatchObject({
          code: 'SANDBOX_FILE_REFUSED',
        });
      }
    },
  },
];
