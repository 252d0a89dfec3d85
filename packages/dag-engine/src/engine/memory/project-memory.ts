import type { MemoryItem } from './memory-item.ts';
import { compareText } from './text-order.ts';
import { countWords } from './token-cost.ts';
import { payloadOf, type Remark, type TypedMemoryOptions } from './typed-memory.ts';

const MAX_ITEMS = 1000;
const DROPPED_SHARE = 0.1;

/** What the tasks of one project share. Above 1000 items the least important tenth, the oldest first, is forgotten. */
export interface ProjectMemory {
  addDecision(decision: Remark): Promise<MemoryItem>;
  addConvention(convention: Remark & { readonly scope: string }): Promise<MemoryItem>;
  addFailure(failure: Remark & { readonly code: string }): Promise<MemoryItem>;
  /** Newest first; with tags, those that have any of them. */
  queryDecisions(tags?: readonly string[]): Promise<readonly MemoryItem[]>;
}

/** Makes the memory of the owner's project. */
export function createProjectMemory(options: TypedMemoryOptions): ProjectMemory {
  const { stores, writer, ids, owner } = options;
  const { project_id } = owner;
  const add = async (kind: string, remark: Remark, how: { importance: number; about?: string }) => {
    const item = await writer.put(
      'project',
      {
        context_item_id: ids.uuid(),
        kind,
        source: `project/${project_id}`,
        tags: ['project', ...(how.about === undefined ? [] : [how.about]), ...(remark.tags ?? [])],
        importance: how.importance,
        token_cost: countWords(remark.text),
        payload: payloadOf(remark.text, { about: how.about }),
      },
      owner,
    );
    await forgetSurplus(options, project_id);
    return item;
  };
  return {
    addDecision: (decision) => add('decision', decision, { importance: 0.9 }),
    addConvention: (convention) =>
      add('convention', convention, { importance: 0.8, about: convention.scope }),
    addFailure: (failure) => add('failure', failure, { importance: 0.85, about: failure.code }),
    queryDecisions: (tags) =>
      stores.project.query({
        filters: { project_id, kind: 'decision', ...(tags === undefined ? {} : { tags }) },
        limit: null,
      }),
  };
}

async function forgetSurplus({ stores }: TypedMemoryOptions, project_id: string): Promise<void> {
  const items = await stores.project.query({ filters: { project_id }, orderBy: '-timestamp', limit: null });
  if (items.length <= MAX_ITEMS) return;
  const leastFirst = items.toSorted(
    (a, b) => (a.importance ?? 0) - (b.importance ?? 0) || compareText(a.timestamp, b.timestamp),
  );
  for (const item of leastFirst.slice(0, Math.ceil(items.length * DROPPED_SHARE))) {
    await stores.project.delete(item.context_item_id);
  }
}
