import type { LineageType } from '../model/task.ts';
import type { Status } from '../model/vocabulary.ts';

/** What the children of one branch or split, all ended without a join, make of their parent. */
export type ChildrenVerdict = 'completed' | 'partial' | 'failed';

/**
 * Clones are alternatives: one that completed is enough. Subtasks are parts of one job: all must
 * complete, and only when all failed the job has.
 */
export function childrenVerdict(type: LineageType, statuses: readonly Status[]): ChildrenVerdict {
  if (type === 'clone') {
    if (statuses.includes('completed')) return 'completed';
    return statuses.includes('partial') ? 'partial' : 'failed';
  }
  if (statuses.every((status) => status === 'completed')) return 'completed';
  return statuses.every((status) => status === 'failed') ? 'failed' : 'partial';
}

const TERMINAL: ReadonlySet<Status> = new Set(['completed', 'failed', 'partial', 'cancelled']);

export function isTerminal(status: Status): boolean {
  return TERMINAL.has(status);
}
