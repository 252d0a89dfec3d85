import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

const MAX_BYTES = 1024 * 1024;
const READABLE_BY_OTHERS = 0o077;

/** What a secret's file holds, or why it cannot be used. Messages never hold any of its content. */
export type SecretFile =
  | { readonly ok: true; readonly content: string; readonly openToOthers: boolean }
  | { readonly ok: false; readonly reason: string };

/** Reads a regular, non-empty file of at most 1 MiB. Never waits: what is not a file is not opened for long. */
export function readSecretFile(path: string): SecretFile {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a named pipe would be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { ok: false, reason: `file cannot be opened (${codeOf(error)}): ${path}` };
  }
  try {
    const stats = fstatSync(descriptor);
    const reason = objectionTo(stats);
    if (reason !== undefined) return { ok: false, reason: `${reason}: ${path}` };
    const content = readFileSync(descriptor, 'utf8');
    return { ok: true, content, openToOthers: (stats.mode & READABLE_BY_OTHERS) !== 0 };
  } catch (error) {
    return { ok: false, reason: `file cannot be read (${codeOf(error)}): ${path}` };
  } finally {
    closeSync(descriptor);
  }
}

function objectionTo(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'not a regular file';
  if (stats.size === 0) return 'file is empty';
  return stats.size > MAX_BYTES ? `file is larger than ${MAX_BYTES} bytes` : undefined;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}
