import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseJson } from './read-cassette.ts';

const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/** Opens a cassette for appending whole lines, made if it does not exist; a line that was cut is taken off. */
export async function openCassetteFile(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+', 0o600);
  try {
    await mendLastLine(file);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function mendLastLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const start = await startOfLastLine(file, size);
  if (start === size) return;
  const line = Buffer.alloc(size - start);
  await file.read(line, 0, line.length, start);
  if (parseJson(line.toString('utf8')) === undefined) await file.truncate(start);
  else await file.appendFile('\n');
}

async function startOfLastLine(file: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    const newlineAt = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newlineAt >= 0) return start + newlineAt + 1;
    end = start;
  }
  return 0;
}
