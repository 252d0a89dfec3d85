import { createGlobalMemory, type GlobalMemory } from './global-memory.ts';
import { createProjectMemory, type ProjectMemory } from './project-memory.ts';
import { createTaskMemory, type TaskMemory } from './task-memory.ts';
import type { TaskOwner, TypedMemoryOptions } from './typed-memory.ts';

/** What a task, its project and everyone remember. */
export interface Memories {
  readonly task: TaskMemory;
  readonly project: ProjectMemory;
  readonly global: GlobalMemory;
}

/** Makes the memories a task has. */
export function createMemories(options: TypedMemoryOptions<TaskOwner>): Memories {
  return {
    task: createTaskMemory(options),
    project: createProjectMemory(options),
    global: createGlobalMemory(options),
  };
}
