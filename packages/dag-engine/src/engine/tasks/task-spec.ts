import type { JsonObject, JsonValue } from '../model/json.ts';
import type { TaskSpec } from '../model/task.ts';
import type { TaskMode, TaskPriority } from '../model/vocabulary.ts';
import { snapshot } from './snapshot.ts';

/** What somebody asks for; everything but the request has a default. */
export interface TaskRequest {
  readonly request: JsonValue;
  /** Default: `implement`. */
  readonly mode?: TaskMode;
  readonly priority?: TaskPriority;
  readonly hints?: readonly string[];
  readonly files?: readonly string[];
  readonly overrides?: readonly JsonObject[];
  readonly metadata?: JsonObject;
}

export function createTaskSpec(taskSpecId: string, asked: TaskRequest): TaskSpec {
  return snapshot({
    task_spec_id: taskSpecId,
    request: asked.request,
    mode: asked.mode ?? 'implement',
    priority: asked.priority ?? 'normal',
    hints: asked.hints ?? [],
    files: asked.files ?? [],
    overrides: asked.overrides ?? [],
    metadata: asked.metadata ?? {},
  });
}

/** The spec of the `index`-th child of a task: its own request, everything else inherited. */
export function createSubtaskSpec(parent: TaskSpec, index: number, request: JsonValue): TaskSpec {
  return snapshot({ ...parent, task_spec_id: `${parent.task_spec_id}-subtask-${index}`, request });
}

/** The project of tasks whose spec names none. */
export const DEFAULT_PROJECT = 'default';

/** The project a task belongs to: the one whose memory it shares and whose folder keeps its checkpoint. */
export function projectIdOf({
  spec,
}: {
  readonly spec: { readonly metadata: Readonly<Record<string, unknown>> };
}): string {
  const asked = Object.hasOwn(spec.metadata, 'project_id') ? spec.metadata['project_id'] : undefined;
  return typeof asked === 'string' && asked !== '' ? asked : DEFAULT_PROJECT;
}
