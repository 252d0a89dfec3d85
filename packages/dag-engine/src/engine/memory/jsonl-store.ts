import { isSwarmError, silentLogger, type Logger } from '@agentswarm/core';
import { openLineFile, type LineFile } from '../storage/line-file.ts';
import { storageClosed } from '../storage/storage-error.ts';
import { ItemIndex } from './item-index.ts';
import { deletionLine, parseItemLines, type ItemLine } from './item-line.ts';
import { copyItem, type MemoryItem } from './memory-item.ts';
import { planQuery, type MemoryQuery } from './memory-query.ts';
import type { MemoryStore, Retention } from './memory-store.ts';

/** Fewer superseded lines than this are not worth rewriting a file for. */
const MIN_DEAD_LINES = 16;

export interface JsonlStoreOptions extends Retention {
  /** The file, which this store has to itself; another store on it is refused. */
  readonly path: string;
  readonly logger?: Logger;
  /** Opens the file. Default: {@link openLineFile}. */
  readonly open?: (path: string) => LineFile;
}

/**
 * Keeps items in a file of JSON lines: one line is appended for every put and for every deletion, the last line of an
 * id counts. Lines that cannot be read are skipped with a warning. When half of the lines no longer count the file is
 * written anew.
 *
 * @throws {StorageError} STORAGE_LOCKED while another store has the file, STORAGE_READ_ONLY, STORAGE_FULL.
 */
export class JsonlStore implements MemoryStore {
  readonly backend = 'file';
  readonly persistent = true;
  readonly #file: LineFile;
  readonly #retention: Retention;
  readonly #logger: Logger;
  #index: ItemIndex | undefined = new ItemIndex();
  #lines = 0;

  constructor({ path, logger = silentLogger, open = openLineFile, ...retention }: JsonlStoreOptions) {
    this.#file = open(path);
    this.#retention = retention;
    this.#logger = logger;
    try {
      for (const line of parseItemLines(this.#file.read())) this.#load(line);
      this.#forget(this.#open().surplus(retention));
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  async get(id: string): Promise<MemoryItem | undefined> {
    return this.#open().get(id);
  }

  async put(item: MemoryItem): Promise<void> {
    const kept = copyItem(item);
    const surplus = this.#open().surplus(this.#retention, kept);
    this.#append([JSON.stringify(kept), ...surplus.map(deletionLine)]);
    this.#open().set(kept);
    for (const id of surplus) this.#open().delete(id);
    this.#compact();
  }

  async query(query?: MemoryQuery): Promise<readonly MemoryItem[]> {
    return this.#open().query(planQuery(query));
  }

  async delete(id: string): Promise<boolean> {
    if (this.#open().get(id) === undefined) return false;
    this.#forget([id]);
    return true;
  }

  async list(): Promise<readonly MemoryItem[]> {
    return this.#open().values();
  }

  async clear(taskId?: string): Promise<void> {
    const index = this.#open();
    if (taskId !== undefined) return this.#forget(index.idsOfTask(taskId));
    this.#file.replace([]);
    this.#lines = 0;
    index.clear();
  }

  async count(): Promise<number> {
    return this.#open().size;
  }

  async close(): Promise<void> {
    this.#file.close();
    this.#index = undefined;
  }

  #open(): ItemIndex {
    if (this.#index === undefined) throw storageClosed(this.#file.path);
    return this.#index;
  }

  #load(line: ItemLine): void {
    this.#lines += 1;
    if (line.kind === 'item') this.#open().set(line.item);
    else if (line.kind === 'deleted') this.#open().delete(line.id);
    else this.#logger.warn({ path: this.#file.path, line: line.lineNumber }, 'memory line cannot be read');
  }

  #forget(ids: readonly string[]): void {
    this.#append(ids.map(deletionLine));
    for (const id of ids) this.#open().delete(id);
    this.#compact();
  }

  /** Effects first: what could not be written must not be seen here. */
  #append(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#file.append(lines);
    this.#lines += lines.length;
  }

  /** Tidying up may fail where the change itself did not: it is tried again with the next change. */
  #compact(): void {
    const { size } = this.#open();
    const dead = this.#lines - size;
    if (dead < MIN_DEAD_LINES || dead < size) return;
    try {
      this.#file.replace(
        this.#open()
          .values()
          .map((item) => JSON.stringify(item)),
      );
      this.#lines = size;
    } catch (error) {
      if (!isSwarmError(error)) throw error;
      this.#logger.warn({ path: this.#file.path, code: error.code }, 'memory file could not be compacted');
    }
  }
}
