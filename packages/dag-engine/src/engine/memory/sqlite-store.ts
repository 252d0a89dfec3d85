import type { DatabaseSync } from 'node:sqlite';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { StoreName } from '../model/vocabulary.ts';
import { openSqliteFile, type SqliteFile } from '../storage/sqlite-file.ts';
import { ITEM_COLUMNS, itemOfRow, rowOf } from './item-row.ts';
import { copyItem, type MemoryItem } from './memory-item.ts';
import { planQuery, type MemoryQuery } from './memory-query.ts';
import type { MemoryStore, Retention } from './memory-store.ts';
import { OVERLAPS, sqlOf } from './sqlite-query.ts';

export interface SqliteStoreOptions extends Retention {
  /** The database, which the other stores and other processes may use too. */
  readonly path: string;
  /** Selects the table. */
  readonly store: StoreName;
  /** Stamps `created_at`. */
  readonly clock: EngineClock;
}

/**
 * Keeps items in a table of a SQLite database.
 *
 * @throws {StorageError} STORAGE_CORRUPT, STORAGE_READ_ONLY, STORAGE_LOCKED, STORAGE_FULL.
 */
export class SqliteStore implements MemoryStore {
  readonly backend = 'sqlite';
  readonly persistent = true;
  readonly #file: SqliteFile;
  readonly #options: SqliteStoreOptions;
  readonly #table: string;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#table = `${options.store}_memory`;
    this.#file = openSqliteFile(options.path, schemaOf(this.#table));
    this.#file.use((database) => database.function(OVERLAPS, { deterministic: true }, overlap));
    this.#file.change((database) => this.#dropAllSurplus(database));
  }

  async get(id: string): Promise<MemoryItem | undefined> {
    return this.#file.use((database) => {
      const row = database.prepare(`SELECT * FROM ${this.#table} WHERE id = ?`).get(id);
      return row === undefined ? undefined : itemOfRow(row);
    });
  }

  async put(item: MemoryItem): Promise<void> {
    const { store, clock } = this.#options;
    const kept = copyItem(item);
    const row = rowOf(kept, { store, createdAt: isoTime(clock) });
    this.#file.change((database) => {
      const places = ITEM_COLUMNS.map(() => '?').join(', ');
      database
        .prepare(`INSERT OR REPLACE INTO ${this.#table} (${ITEM_COLUMNS.join(', ')}) VALUES (${places})`)
        .run(...ITEM_COLUMNS.map((column) => row[column]));
      this.#dropSurplus(database, kept.task_id);
    });
  }

  async query(query?: MemoryQuery): Promise<readonly MemoryItem[]> {
    const { text, parameters } = sqlOf(planQuery(query));
    return this.#file.use((database) =>
      database
        .prepare(`SELECT * FROM ${this.#table} ${text}`)
        .all(...parameters)
        .map(itemOfRow),
    );
  }

  async delete(id: string): Promise<boolean> {
    return this.#file.use((database) => {
      const { changes } = database.prepare(`DELETE FROM ${this.#table} WHERE id = ?`).run(id);
      return changes !== 0;
    });
  }

  async list(): Promise<readonly MemoryItem[]> {
    return this.#file.use((database) =>
      database.prepare(`SELECT * FROM ${this.#table} ORDER BY seq`).all().map(itemOfRow),
    );
  }

  async clear(taskId?: string): Promise<void> {
    this.#file.use((database) =>
      taskId === undefined
        ? database.prepare(`DELETE FROM ${this.#table}`).run()
        : database.prepare(`DELETE FROM ${this.#table} WHERE task_id = ?`).run(taskId),
    );
  }

  async count(): Promise<number> {
    return this.#file.use((database) =>
      Number(database.prepare(`SELECT count(*) AS items FROM ${this.#table}`).get()?.['items']),
    );
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  #dropAllSurplus(database: DatabaseSync): void {
    const { maxItems, perTask = false } = this.#options;
    if (maxItems === null || !perTask) return this.#dropSurplus(database, null);
    const tooMany = `SELECT task_id FROM ${this.#table} GROUP BY task_id HAVING count(*) > ?`;
    for (const { task_id } of database.prepare(tooMany).all(maxItems)) {
      this.#dropSurplus(database, task_id as string | null);
    }
  }

  /** Of the items that count together with those of the task. */
  #dropSurplus(database: DatabaseSync, taskId: string | null): void {
    const { maxItems, perTask = false } = this.#options;
    if (maxItems === null) return;
    const where = perTask ? 'WHERE task_id IS ?' : '';
    database
      .prepare(
        `DELETE FROM ${this.#table} WHERE seq IN (
          SELECT seq FROM ${this.#table} ${where} ORDER BY timestamp DESC, seq DESC LIMIT -1 OFFSET ?
        )`,
      )
      .run(...(perTask ? [taskId] : []), maxItems);
  }
}

function schemaOf(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      task_id TEXT,
      project_id TEXT,
      store TEXT NOT NULL,
      payload TEXT NOT NULL,
      created_at TEXT NOT NULL,
      tags TEXT NOT NULL,
      metadata TEXT NOT NULL,
      kind TEXT NOT NULL,
      source TEXT NOT NULL,
      timestamp TEXT NOT NULL,
      importance REAL,
      token_cost REAL
    );
    CREATE INDEX IF NOT EXISTS ${table}_by_task ON ${table} (task_id);
    CREATE INDEX IF NOT EXISTS ${table}_by_project ON ${table} (project_id);
    CREATE INDEX IF NOT EXISTS ${table}_by_time ON ${table} (timestamp, seq);
  `;
}

function overlap(tags: unknown, wanted: unknown): number {
  const list = new Set(JSON.parse(String(wanted)) as string[]);
  return (JSON.parse(String(tags)) as string[]).some((tag) => list.has(tag)) ? 1 : 0;
}
