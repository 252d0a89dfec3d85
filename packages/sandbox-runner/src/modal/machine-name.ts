import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errors.ts';

/** Gives what names a folder of records to others, the same each time and for all who use the folder. */
export async function nameMachine(folder: string): Promise<string> {
  const file = join(folder, 'machine');
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  await mkdir(folder, { recursive: true });
  const name = randomBytes(8).toString('hex');
  const draft = `${file}.${name}`;
  try {
    await writeFile(draft, name);
    await link(draft, file);
  } catch (error) {
    // Another process was faster.
    if (errnoOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
