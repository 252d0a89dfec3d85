import { BaseCheckpointSaver } from '@langchain/langgraph';
import { DatabaseSync } from 'node:sqlite';

type Base = InstanceType<typeof BaseCheckpointSaver>;
type Put = Parameters<Base['put']>;
type PutWrites = Parameters<Base['putWrites']>;

/**
 * What a durable run of LangGraph writes: a row per checkpoint and per write of a node, with its own
 * serializer, in a database set up as our log is. It is never read here.
 */
export class SqliteSaver extends BaseCheckpointSaver {
  readonly #database: DatabaseSync;
  readonly #checkpoint;
  readonly #write;

  constructor(path: string) {
    super();
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE checkpoints (id TEXT PRIMARY KEY, parent TEXT, body BLOB, metadata BLOB);
      CREATE TABLE writes (checkpoint TEXT, task TEXT, idx INTEGER, channel TEXT, value BLOB);
    `);
    this.#checkpoint = this.#database.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)');
    this.#write = this.#database.prepare('INSERT INTO writes VALUES (?, ?, ?, ?, ?)');
  }

  override async put(...[config, checkpoint, metadata]: Put): Promise<Put[0]> {
    const [[, body], [, about]] = await Promise.all([
      this.serde.dumpsTyped(checkpoint),
      this.serde.dumpsTyped(metadata),
    ]);
    const parent = String(config.configurable?.['checkpoint_id'] ?? '');
    this.#checkpoint.run(checkpoint.id, parent, body, about);
    return { configurable: { ...config.configurable, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(...[config, writes, taskId]: PutWrites): Promise<void> {
    const id = String(config.configurable?.['checkpoint_id'] ?? '');
    const values = await Promise.all(writes.map(([, value]) => this.serde.dumpsTyped(value)));
    writes.forEach(([channel], index) => {
      this.#write.run(id, taskId, index, channel, values[index]?.[1] ?? null);
    });
  }

  override async getTuple(): Promise<undefined> {
    return undefined;
  }

  override async *list(): ReturnType<Base['list']> {
    return;
  }

  override async deleteThread(): Promise<void> {
    this.#database.exec('DELETE FROM checkpoints; DELETE FROM writes');
  }

  close(): void {
    this.#database.close();
  }
}
