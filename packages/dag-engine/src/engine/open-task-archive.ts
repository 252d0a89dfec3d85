import { resolve } from 'node:path';
import { randomEngineIds, systemEngineClock } from './assembly/default-ports.ts';
import type { EngineOptions } from './assembly/engine-options.ts';
import { resolveRoots } from './assembly/resolve-roots.ts';
import { Inspector } from './inspector/inspector.ts';
import { CheckpointStore } from './tasks/checkpoint-store.ts';
import { TaskStore } from './tasks/task-store.ts';

/** Tasks that were written to a state folder, by whatever engine. */
export interface TaskArchive {
  readonly checkpoints: CheckpointStore;
  /** Answers about tasks that were loaded; it knows neither events nor artifacts. */
  readonly inspector: Inspector;
}

/** Opens the tasks of a configuration directory without its engine: it may be running, or no longer load. */
export function openTaskArchive(
  configDir: string,
  options: Pick<EngineOptions, 'stateRoot' | 'env'> = {},
): TaskArchive {
  const { stateRoot } = resolveRoots(resolve(configDir), options);
  const clock = systemEngineClock;
  const tasks = new TaskStore({ clock, ids: randomEngineIds });
  const nothing = { byTask: () => [] };
  return {
    checkpoints: new CheckpointStore({ stateRoot, tasks, events: { emit() {} }, clock }),
    inspector: new Inspector({ tasks, artifacts: nothing, events: nothing }),
  };
}
