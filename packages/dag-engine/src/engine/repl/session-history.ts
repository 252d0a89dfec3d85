import { mkdir, appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from '../errors.ts';
import { parseSessionEntry, type SessionEntry } from './session-entry.ts';

export interface SessionHistoryOptions {
  /** Where entries are kept, one JSON object a line; undefined keeps them in memory only. */
  readonly file?: string;
  readonly maxItems: number;
  /** Whether attached files are written to the file. */
  readonly persistAttachments: boolean;
}

/** The entries of a session, oldest first; each is written once, when it is added. */
export class SessionHistory {
  readonly #options: SessionHistoryOptions;
  #entries: readonly SessionEntry[] = [];

  constructor(options: SessionHistoryOptions) {
    this.#options = options;
  }

  get entries(): readonly SessionEntry[] {
    return this.#entries;
  }

  /**
   * Reads what the file holds: the most recent session, or all of them. The file itself keeps no more
   * than the newest entries.
   *
   * @throws {CliError} when a line is not an entry; the file is left as it is.
   */
  async load(options: { readonly allSessions?: boolean } = {}): Promise<void> {
    const { file, maxItems } = this.#options;
    if (file === undefined) return;
    const stored = await readEntries(file);
    if (stored.length > maxItems) await replaceFile(file, stored.slice(-maxItems));
    const last = stored.at(-1)?.session_id;
    const wanted =
      options.allSessions === true ? stored : stored.filter((entry) => entry.session_id === last);
    this.#entries = wanted.slice(-maxItems);
  }

  /** @throws {CliError} when the file cannot be written; the entry is kept in memory. */
  async add(entry: SessionEntry): Promise<void> {
    const { file, maxItems, persistAttachments } = this.#options;
    this.#entries = [...this.#entries, entry].slice(-maxItems);
    if (file === undefined) return;
    const stored = persistAttachments ? entry : { ...entry, attached_files: [] };
    try {
      await mkdir(dirname(file), { recursive: true });
      await appendFile(file, lineOf(stored));
    } catch (error) {
      throw new CliError(`the session could not be written to ${file}`, {}, { cause: error });
    }
  }
}

function lineOf(entry: SessionEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

async function readEntries(file: string): Promise<SessionEntry[]> {
  const text = await readText(file);
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const entry = parseSessionEntry(line);
    if (entry === undefined) throw new CliError(`line ${index + 1} of ${file} is not a session entry`);
    return [entry];
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new CliError(`the session file ${file} could not be read`, {}, { cause: error });
  }
}

async function replaceFile(file: string, entries: readonly SessionEntry[]): Promise<void> {
  const next = `${file}.new`;
  await writeFile(next, entries.map(lineOf).join(''));
  await rename(next, file);
}
