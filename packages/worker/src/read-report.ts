import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const MAX_REPORT_BYTES = 1024 * 1024;

/** What an agent left where its report belongs. */
export type FoundReport =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** Reads the file an agent may have written; a pipe or a file without end holds nothing up. */
export async function readReport(path: string): Promise<FoundReport> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) return { kind: 'unreadable', problem: 'it is no plain file' };
    if (stats.size > MAX_REPORT_BYTES)
      return { kind: 'unreadable', problem: `it is larger than ${MAX_REPORT_BYTES} bytes` };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stats.size), 0, stats.size, 0);
    return { kind: 'text', text: buffer.toString('utf8', 0, bytesRead) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'none' } : { kind: 'unreadable', problem: String(error) };
  }
}
