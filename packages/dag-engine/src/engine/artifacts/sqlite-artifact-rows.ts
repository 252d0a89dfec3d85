import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { ArtifactMetadata, ArtifactRecord } from '../model/artifact.ts';
import { createJsonFreezer } from '../model/frozen-json.ts';
import type { JsonObject } from '../model/json.ts';
import { openSqliteFile } from '../storage/sqlite-file.ts';
import type { ArtifactFilter, ArtifactRows } from './artifact-rows.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artifact_id TEXT NOT NULL UNIQUE,
    task_id TEXT NOT NULL,
    node_id TEXT,
    artifact_type TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    schema_ref TEXT,
    payload TEXT NOT NULL,
    additional_metadata TEXT NOT NULL,
    created_at TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS artifacts_by_task ON artifacts (task_id);
  CREATE INDEX IF NOT EXISTS artifacts_by_node ON artifacts (node_id);
  CREATE INDEX IF NOT EXISTS artifacts_by_type ON artifacts (artifact_type);
`;

const INSERT = `
  INSERT OR REPLACE INTO artifacts (artifact_id, task_id, node_id, artifact_type, timestamp, schema_ref, payload,
    additional_metadata, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
`;

const DROP_SURPLUS = `
  DELETE FROM artifacts WHERE id IN (SELECT id FROM artifacts ORDER BY id DESC LIMIT -1 OFFSET ?)
`;

const freeze = createJsonFreezer();

/**
 * Keeps artifacts in a SQLite database, which memories and other processes may use too; at most `maxItems`: the
 * oldest go. Nothing is read before it is asked for, and what an earlier process kept is found.
 *
 * @throws {StorageError} STORAGE_CORRUPT, STORAGE_READ_ONLY, STORAGE_LOCKED, STORAGE_FULL.
 */
export function createSqliteArtifactRows(path: string, maxItems: number | null): ArtifactRows {
  const file = openSqliteFile(path, SCHEMA);
  const limit = maxItems ?? -1;
  return {
    insert: (record) =>
      file.change((database) => {
        database.prepare(INSERT).run(...columnsOf(record));
        if (limit >= 0) database.prepare(DROP_SURPLUS).run(limit);
      }),
    get: (artifactId) =>
      file.use((database) => {
        const row = database.prepare('SELECT * FROM artifacts WHERE artifact_id = ?').get(artifactId);
        return row === undefined ? undefined : recordOf(row);
      }),
    select: (filter) =>
      file.use((database) => {
        const { where, parameters } = whereOf(filter);
        const rows = database.prepare(`SELECT * FROM artifacts ${where} ORDER BY id`).all(...parameters);
        return rows.map(recordOf);
      }),
    count: () =>
      file.use((database) =>
        Number(database.prepare('SELECT count(*) AS rows FROM artifacts').get()?.['rows']),
      ),
    clear: (taskId) =>
      file.change((database) => {
        const { where, parameters } = whereOf(taskId === undefined ? {} : { taskId });
        database.prepare(`DELETE FROM artifacts ${where}`).run(...parameters);
      }),
    close: () => file.close(),
  };
}

function columnsOf({ metadata, payload }: ArtifactRecord): SQLInputValue[] {
  return [
    metadata.artifact_id,
    metadata.task_id,
    metadata.node_id,
    metadata.artifact_type,
    metadata.timestamp,
    metadata.schema_ref,
    JSON.stringify(payload),
    JSON.stringify(metadata.additional_metadata),
    metadata.timestamp,
  ];
}

function recordOf(row: Readonly<Record<string, SQLOutputValue>>): ArtifactRecord {
  const metadata = {
    artifact_id: row['artifact_id'],
    task_id: row['task_id'],
    node_id: row['node_id'],
    artifact_type: row['artifact_type'],
    timestamp: row['timestamp'],
    schema_ref: row['schema_ref'],
    additional_metadata: JSON.parse(
      String(row['additional_metadata']),
    ) as ArtifactMetadata['additional_metadata'],
  };
  const record = freeze({ metadata, payload: JSON.parse(String(row['payload'])) as unknown });
  return record as JsonObject & ArtifactRecord;
}

function whereOf({ taskId, nodeId, type }: ArtifactFilter): { where: string; parameters: SQLInputValue[] } {
  const wanted: (readonly [string, string | undefined])[] = [
    ['task_id = ?', taskId],
    ['node_id = ?', nodeId],
    ['artifact_type = ?', type],
  ];
  const given = wanted.flatMap(([clause, value]) => (value === undefined ? [] : [[clause, value] as const]));
  const clauses = given.map(([clause]) => clause);
  const where = clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')}`;
  return { where, parameters: given.map(([, value]) => value) };
}
