import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** What is kept may be anything a person typed: it is the owner's alone, unless somebody opens it up. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/**
 * Makes an empty private file, and the folders above it, where there is none; for whoever makes files without asking
 * for their mode. A file that is there is not even opened: closing it again would give back the locks on it.
 */
export function ensurePrivateFile(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  closeSync(openSync(path, 'a', PRIVATE_FILE));
}
