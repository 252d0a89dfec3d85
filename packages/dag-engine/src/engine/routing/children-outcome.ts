import type { JsonValue } from '../model/json.ts';
import { childrenVerdict, type ChildrenVerdict } from '../tasks/children-verdict.ts';
import type { Group } from './group.ts';

/** What a group that ended without a join makes of its parent. */
export interface ChildrenOutcome {
  readonly verdict: ChildrenVerdict;
  /** `undefined`: the parent keeps what it has. */
  readonly output: JsonValue | undefined;
}

/** Members that went into a merge on the way do not count: the one that carried on stands for them. */
export function childrenOutcome(group: Group): ChildrenOutcome {
  const statuses = group.concluded.map((member) => member.task.status);
  const verdict = childrenVerdict(group.type, statuses);
  return { verdict, output: group.type === 'clone' ? firstOutput(group, verdict) : results(group) };
}

/** Of the first clone that ended as the group did. */
function firstOutput(group: Group, verdict: ChildrenVerdict): JsonValue | undefined {
  if (verdict === 'failed') return undefined;
  return group.concluded.find((member) => member.task.status === verdict)?.task.current_output;
}

function results(group: Group): JsonValue {
  return {
    subtask_results: group.members.map(({ task }, index) => ({
      task_id: task.task_id,
      subtask_index: index,
      status: task.status,
      output: task.current_output,
    })),
  };
}
