import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Engine,
  type DeterministicOp,
  type EngineClock,
  type EngineIds,
  type EngineOptions,
  type EngineEvent,
  type JsonObject,
  type JsonValue,
  type LlmFactory,
  type RunResult,
} from '../../src/engine.ts';
import { createConfigDirectory, type FileContent, type TestConfigDirectory } from './config-directory.ts';

type Files = Readonly<Record<string, FileContent>>;

/** An engine on a directory of its own; both end with it. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly directory: TestConfigDirectory;
}

export const NOW = '2030-01-01T00:00:00.000Z';

/** Time stands still. */
export const fixedClock: EngineClock = { nowMs: () => Date.parse(NOW) };

/** Numbers from `first` on, as hexadecimal digits. */
export function numberedIds(first = 1): EngineIds {
  let next = first;
  const hex = (digits: number) => (next++).toString(16).padStart(digits, '0');
  return { hex, uuid: () => `00000000-0000-4000-8000-${hex(12)}` };
}

/** Loads a directory with these files beside the minimal ones; clock and ids are fixed unless given. */
export async function openEngine(files: Files = {}, options: EngineOptions = {}): Promise<TestEngine> {
  const directory = await createConfigDirectory(files);
  try {
    const engine = await Engine.fromConfigDir(directory.path, {
      clock: fixedClock,
      idGenerator: numberedIds(),
      ...options,
    });
    return {
      engine,
      directory,
      async [Symbol.asyncDispose]() {
        await engine.close();
        await directory[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
}

export interface TestRun {
  readonly result: RunResult;
  readonly events: readonly EngineEvent[];
}

/** Loads, runs one input and closes. Checkpoints are off unless asked for: their events are no part of routing. */
export async function runOnce(
  files: Files,
  input: JsonValue = 'request',
  options: EngineOptions = {},
): Promise<TestRun> {
  await using opened = await openEngine(files, { checkpoint: 'never', ...options });
  const result = await opened.engine.run(input);
  return { result, events: opened.engine.getEvents() };
}

/** Fails the node. */
export const failing: DeterministicOp = (_task, { id }) => ({ error: `"${id}" fails` });

/** Gives the same whatever comes. */
export const giving =
  (output: JsonValue): DeterministicOp =>
  () => ({ output });

/** What the prompt of an agent says, as far as tests look at it. */
export interface Question extends JsonObject {
  readonly agent_stage: string;
  readonly input: JsonValue;
}

/** A model that answers from a function of the question, for every provider. */
export function scriptedModel(answer: (question: Question) => JsonValue): LlmFactory {
  return () => ({ generate: async ({ prompt }) => answer(JSON.parse(prompt) as Question) });
}

/** `node_completed@b[clone-0]`: names, nodes, and the task where it is not the root. */
export function eventLines({ result, events }: TestRun): readonly string[] {
  return events.map(({ name, stage_id, task_id }) => {
    const task = task_id?.slice(result.task_id.length + 1) ?? '';
    return `${name}${stage_id === null ? '' : `@${stage_id}`}${task === '' ? '' : `[${task}]`}`;
  });
}

/** `b`, `l1(clone-0)`, `m!`: executions with their task, those that failed marked. */
export function traceLines({ task_id: root, trace }: RunResult): readonly string[] {
  return trace.map(({ task_id, node_id, status }) => {
    const task = task_id === root ? '' : `(${task_id.slice(root.length + 1)})`;
    return `${node_id}${task}${status === 'failed' ? '!' : ''}`;
  });
}

/** Everything in a folder, by relative path, byte for byte (as latin1). */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    files.toSorted().map((file) => [file.slice(folder.length + 1), readFileSync(file, 'latin1')]),
  );
}
