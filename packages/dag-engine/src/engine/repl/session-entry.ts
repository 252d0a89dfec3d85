import type { JsonObject, JsonValue } from '../model/json.ts';

/** One line of a session's file: what a person said, or what came of it. */
export interface SessionEntry {
  readonly session_id: string;
  readonly timestamp: string;
  readonly role: 'user' | 'system';
  readonly input: JsonValue;
  /** Name of the command when the person gave one. */
  readonly command: string | null;
  /** Of an entry about a run: `task_id`, `status`, `execution_time_ms`, `node_sequence`. */
  readonly engine_run_metadata: JsonObject | null;
  /** Absolute paths, sorted. */
  readonly attached_files: readonly string[];
}

/** Reads a line of a session's file; undefined when it is not one. */
export function parseSessionEntry(line: string): SessionEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isSessionEntry(value) ? value : undefined;
}

function isSessionEntry(value: unknown): value is SessionEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Partial<Record<keyof SessionEntry, unknown>>;
  return (
    typeof entry.session_id === 'string' &&
    typeof entry.timestamp === 'string' &&
    (entry.role === 'user' || entry.role === 'system') &&
    (entry.command === null || typeof entry.command === 'string') &&
    (entry.engine_run_metadata === null || typeof entry.engine_run_metadata === 'object') &&
    Array.isArray(entry.attached_files)
  );
}
