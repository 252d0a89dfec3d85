import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toSwarmError } from '@agentswarm/core';
import type { EventEmitter, EventName } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import { createJsonFreezer, type JsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Task } from '../model/task.ts';
import type { Status } from '../model/vocabulary.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../storage/private-file.ts';
import { checkpointFolder, checkpointPath, isShortened, taskIdOfFile } from './checkpoint-file.ts';
import { parseTask, taskToJson, type ParsedTask } from './task-json.ts';
import { projectIdOf } from './task-spec.ts';
import type { TaskStore } from './task-store.ts';

/** What a checkpoint says about its task at a glance. */
export interface TaskMetadata {
  readonly task_id: string;
  readonly status: Status;
  readonly created_at: string;
  readonly updated_at: string;
}

export type Loaded<T> =
  | { readonly kind: 'loaded'; readonly value: T }
  | { readonly kind: 'error'; readonly error: EngineErrorRecord };

interface TaskAddress {
  readonly projectId: string;
  readonly taskId: string;
}

/** Tasks as files below `<stateRoot>/tasks/<project>/`. Failures are error records, never thrown. */
export class CheckpointStore {
  readonly #stateRoot: string;
  readonly #tasks: TaskStore;
  readonly #events: EventEmitter;
  readonly #clock: EngineClock;
  readonly #freeze: JsonFreezer;
  /** Writes happen one after the other, so the last state of a task is the one that stays. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(ports: {
    /** Absolute; made when the first checkpoint is written. */
    readonly stateRoot: string;
    readonly tasks: TaskStore;
    readonly events: EventEmitter;
    readonly clock: EngineClock;
    /** Removes known secret values from what is written. */
    readonly redact?: TextMapping;
  }) {
    this.#stateRoot = ports.stateRoot;
    this.#tasks = ports.tasks;
    this.#events = ports.events;
    this.#clock = ports.clock;
    this.#freeze = createJsonFreezer(ports.redact);
  }

  /** Writes the task as it is now: readers find the old file or the new one, never a part. */
  async saveCheckpoint(task: Task): Promise<EngineErrorRecord | null> {
    const address = { projectId: projectIdOf(task), taskId: task.task_id };
    try {
      const content = `${JSON.stringify(this.#freeze(taskToJson(task)), null, 2)}\n`;
      const write = this.#lastWrite.then(() => replaceFile(this.#fileOf(address), content));
      this.#lastWrite = write.catch((error: unknown) => error);
      await write;
    } catch (error) {
      return this.#errorOf(address, { id: 'checkpoint_write_failed', message: toSwarmError(error).message });
    }
    this.#tell('checkpoint_saved', address);
    return null;
  }

  /** Restores a task into the task store. */
  async loadCheckpoint(address: TaskAddress): Promise<Loaded<Task>> {
    const stored = await this.#read(address);
    if (stored.kind === 'error') return stored;
    this.#tasks.restore(stored.value);
    this.#tell('checkpoint_loaded', address);
    return stored;
  }

  /** Ids of the tasks with a checkpoint, sorted by code unit; of an unknown project none. */
  async listTasks(projectId: string): Promise<Loaded<readonly string[]>> {
    try {
      const folder = join(this.#stateRoot, checkpointFolder(projectId));
      const names = await readdir(folder);
      const ids = names.flatMap((name) => taskIdOfFile(name) ?? []);
      for (const name of names.filter(isShortened)) ids.push(...(await idInside(join(folder, name))));
      return { kind: 'loaded', value: ids.sort() };
    } catch (error) {
      if (isMissing(error)) return { kind: 'loaded', value: [] };
      const message = toSwarmError(error).message;
      return this.#failed({ projectId, taskId: '' }, { id: 'checkpoint_read_failed', message });
    }
  }

  /** Reads what the file says without restoring the task. */
  async getTaskMetadata(address: TaskAddress): Promise<Loaded<TaskMetadata>> {
    const stored = await this.#read(address);
    if (stored.kind === 'error') return stored;
    const { task_id, status, created_at, updated_at } = stored.value;
    return { kind: 'loaded', value: { task_id, status, created_at, updated_at } };
  }

  async #read(address: TaskAddress): Promise<Loaded<Task>> {
    let content: string;
    try {
      content = await readFile(this.#fileOf(address), 'utf8');
    } catch (error) {
      const { message } = toSwarmError(error);
      if (!isMissing(error)) return this.#failed(address, { id: 'checkpoint_read_failed', message });
      this.#tell('checkpoint_missing', address);
      return this.#failed(address, {
        id: 'checkpoint_not_found',
        message: `task "${address.taskId}" has no checkpoint`,
      });
    }
    try {
      return this.#checked(address, parseTask(JSON.parse(content) as JsonValue));
    } catch (error) {
      // Not JSON, or nested too deeply to be looked at.
      const { message } = toSwarmError(error);
      return this.#failed(address, { id: 'invalid_checkpoint_json', message });
    }
  }

  #checked(address: TaskAddress, parsed: ParsedTask): Loaded<Task> {
    if (parsed.kind === 'invalid') return this.#invalid(address, parsed.issues);
    const { task } = parsed;
    if (task.task_id !== address.taskId || projectIdOf(task) !== address.projectId) {
      return this.#invalid(address, ['task_id: the checkpoint holds another task']);
    }
    return { kind: 'loaded', value: task };
  }

  #invalid(address: TaskAddress, issues: readonly string[]): Loaded<never> {
    const message = `the checkpoint of "${address.taskId}" is not a task`;
    return this.#failed(address, { id: 'invalid_checkpoint_schema', message, details: { issues } });
  }

  #failed(address: TaskAddress, fault: CheckpointFault): Loaded<never> {
    return { kind: 'error', error: this.#errorOf(address, fault) };
  }

  #errorOf({ taskId }: TaskAddress, { id, message, details }: CheckpointFault): EngineErrorRecord {
    return {
      error_id: id,
      code: CHECKPOINT_ERRORS[id],
      message,
      source: 'task_manager',
      severity: 'error',
      details: details ?? null,
      stage_id: null,
      task_id: taskId === '' ? null : taskId,
      timestamp: isoTime(this.#clock),
    };
  }

  #tell(name: EventName, { projectId, taskId }: TaskAddress): void {
    const payload = { task_id: taskId, path: checkpointPath(projectId, taskId) };
    this.#events.emit({ name, task_id: taskId, stage_id: null, payload });
  }

  #fileOf({ projectId, taskId }: TaskAddress): string {
    return join(this.#stateRoot, checkpointPath(projectId, taskId));
  }
}

const CHECKPOINT_ERRORS = {
  checkpoint_not_found: 'validation',
  invalid_checkpoint_json: 'json',
  invalid_checkpoint_schema: 'validation',
  checkpoint_read_failed: 'internal',
  checkpoint_write_failed: 'internal',
} as const;

interface CheckpointFault {
  readonly id: keyof typeof CHECKPOINT_ERRORS;
  readonly message: string;
  readonly details?: JsonObject;
}

/** The id in a checkpoint whose name is shortened; none in what is no checkpoint, or that of another id. */
async function idInside(file: string): Promise<readonly string[]> {
  const content = await readFile(file, 'utf8');
  try {
    const task = JSON.parse(content) as JsonValue;
    const id = isJsonObject(task) ? task['task_id'] : null;
    return typeof id === 'string' && basename(checkpointPath('', id)) === basename(file) ? [id] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

async function replaceFile(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: PRIVATE_FOLDER });
  await writeFile(`${file}.new`, content, { flush: true, mode: PRIVATE_FILE });
  await rename(`${file}.new`, file);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
