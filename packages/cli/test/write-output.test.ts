import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeOutput } from '../src/generate/write-output.ts';

it('loses nothing of somebody else, however late it appeared', async () => {
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-output-'));
  try {
    const output = { named: 'a.ts', path: join(root, 'a.ts'), mode: undefined };
    const write = (content: string, replace: boolean) =>
      writeOutput(output, content, { replace, token: '0123456789abcdef' });
    await write('first', false);
    await expect(write('second', false)).rejects.toMatchObject({ code: 'CLI_OUTPUT_EXISTS' });
    expect(await readFile(output.path, 'utf8')).toBe('first');
    await write('third', true);
    expect(await readFile(output.path, 'utf8')).toBe('third');
    expect(await readdir(root)).toEqual(['a.ts']);
    // The name of the temporary file is taken: not ours to write or remove.
    await writeFile(join(root, '.a.ts.0123456789abcdef.tmp'), 'theirs');
    await expect(write('fourth', true)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readdir(root)).toHaveLength(2);
  } finally {
    await rm(root, { recursive: true });
  }
});
