import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { lockFile } from './file-lock.ts';
import { PRIVATE_FILE } from './private-file.ts';
import { storageClosed, toStorageError } from './storage-error.ts';

/** A text file of lines that one process appends to. Contract: synchronous; a failed call changes no earlier line. */
export interface LineFile {
  readonly path: string;
  /** What stands in the file now; the last line may be torn. */
  read(): Uint8Array;
  /**
   * Adds lines and hands them to the operating system, so that a killed process loses none. A failure takes back
   * what was written; where even that fails a torn line stays, and the next append begins a new one.
   */
  append(lines: readonly string[]): void;
  /** Puts the lines in place of everything, on the disk, all or nothing. */
  replace(lines: Iterable<string>): void;
  close(): void;
}

const NEWLINE = 0x0a;

/**
 * Opens a line file for this process alone, creating it and its folder.
 *
 * @throws {StorageError} STORAGE_LOCKED while somebody else has it open, STORAGE_READ_ONLY, STORAGE_FULL.
 */
export function openLineFile(path: string): LineFile {
  try {
    return new LockedLineFile(path, lockFile(path));
  } catch (error) {
    throw toStorageError(error, path);
  }
}

class LockedLineFile implements LineFile {
  readonly path: string;
  readonly #lock: Disposable;
  #descriptor: number | undefined;
  #size: number;
  #endsInsideLine: boolean;

  constructor(path: string, lock: Disposable) {
    this.path = path;
    this.#lock = lock;
    try {
      const content = existsSync(path) ? readFileSync(path) : new Uint8Array();
      this.#size = content.length;
      this.#endsInsideLine = content.length > 0 && content.at(-1) !== NEWLINE;
      this.#descriptor = openSync(path, 'a', PRIVATE_FILE);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  read(): Uint8Array {
    return this.#guarded(() => readFileSync(this.path));
  }

  append(lines: readonly string[]): void {
    this.#guarded((descriptor) => {
      const text = lines.map((line) => `${line}\n`).join('');
      const bytes = Buffer.from(this.#endsInsideLine ? `\n${text}` : text);
      this.#endsInsideLine = true;
      try {
        writeAll(descriptor, bytes);
      } catch (error) {
        ftruncateSync(descriptor, this.#size);
        throw error;
      }
      this.#size += bytes.length;
      this.#endsInsideLine = false;
    });
  }

  replace(lines: Iterable<string>): void {
    this.#guarded((descriptor) => {
      const aside = `${this.path}.tmp`;
      const size = writeAside(aside, lines);
      const replacement = openSync(aside, 'a', PRIVATE_FILE);
      renameSync(aside, this.path);
      this.#descriptor = replacement;
      this.#size = size;
      this.#endsInsideLine = false;
      closeSync(descriptor);
    });
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#lock[Symbol.dispose]();
  }

  #guarded<Result>(work: (descriptor: number) => Result): Result {
    if (this.#descriptor === undefined) throw storageClosed(this.path);
    try {
      return work(this.#descriptor);
    } catch (error) {
      throw toStorageError(error, this.path);
    }
  }
}

function writeAside(path: string, lines: Iterable<string>): number {
  const descriptor = openSync(path, 'w', PRIVATE_FILE);
  let size = 0;
  try {
    for (const line of lines) {
      const bytes = Buffer.from(`${line}\n`);
      writeAll(descriptor, bytes);
      size += bytes.length;
    }
    fsyncSync(descriptor);
    return size;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The operating system may take less than it is given. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written);
  }
}
