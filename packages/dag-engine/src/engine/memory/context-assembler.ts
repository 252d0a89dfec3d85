import { toSwarmError } from '@agentswarm/core';
import type { ContextItem, ContextPackage, ContextProfile } from '../model/context.ts';
import type { EventEmitter } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import { deepFreeze } from '../model/json.ts';
import type { ContextMetadata } from '../model/stage-record.ts';
import type { RetrievalPolicy } from '../model/vocabulary.ts';
import type { Policy } from '../policy/policy.ts';
import { resolveProfile } from './context-profiles.ts';
import { gatherItems, type MemoryStores, type ParentOf, type RememberingTask } from './gather-items.ts';
import { selectItems, type Selection } from './select-items.ts';

/** Ranks items for a task. Contract: gives ids of the items, best first; those left out come last. */
export interface ContextRetriever {
  rank(
    items: readonly ContextItem[],
    request: { readonly task: RememberingTask; readonly profile: ContextProfile },
  ): Promise<readonly string[]>;
}

export interface ContextAssemblerOptions {
  readonly stores: MemoryStores;
  readonly profiles: readonly ContextProfile[];
  readonly policy: Policy;
  readonly clock: EngineClock;
  readonly events?: EventEmitter;
  /** For sources with `inherit`. Default: a task has no ancestors but its parent. */
  readonly parentOf?: ParentOf;
  readonly headTailPreserve?: number;
  readonly retrievers?: ReadonlyMap<RetrievalPolicy, ContextRetriever>;
}

/** What a node may read; both `null` when its context is `none`. */
export type AssembledContext =
  | { readonly package: ContextPackage | null; readonly metadata: ContextMetadata | null }
  | { readonly error: EngineErrorRecord };

export interface ContextAssembler {
  /** Never rejects: what went wrong is a record. */
  assemble(task: RememberingTask, contextId: string): Promise<AssembledContext>;
}

/** Makes what turns the memories of a task, and a profile, into a context package. */
export function createContextAssembler(options: ContextAssemblerOptions): ContextAssembler {
  return {
    async assemble(task, contextId) {
      const resolution = resolveProfile(options.profiles, contextId);
      if (resolution.kind === 'none') return { package: null, metadata: null };
      if (resolution.kind === 'unknown') {
        return {
          error: failure(
            { id: 'context_profile_unknown', message: `unknown context profile "${contextId}"` },
            task,
            options.clock,
          ),
        };
      }
      try {
        return await assembleProfile(task, resolution.profile, options);
      } catch (error) {
        const message = `context "${contextId}": ${toSwarmError(error).message}`;
        return { error: failure({ id: 'context_assembly_failed', message }, task, options.clock) };
      }
    },
  };
}

async function assembleProfile(
  task: RememberingTask,
  profile: ContextProfile,
  options: ContextAssemblerOptions,
): Promise<AssembledContext> {
  const items = await gatherAllowed(task, profile, options);
  const retriever = options.retrievers?.get(profile.retrieval_policy);
  const ranking = await retriever?.rank(items, { task, profile });
  const selection = selectItems(items, {
    maxTokens: profile.max_tokens,
    headTailPreserve: options.headTailPreserve ?? 0,
    ...(ranking === undefined ? {} : { ranking }),
  });
  const contextPackage: ContextPackage = {
    context_package_id: `ctx-${task.task_id}-${profile.id}`,
    items: selection.items,
    summary: null,
    compression_ratio: selection.compressionRatio,
  };
  return { package: deepFreeze(contextPackage), metadata: metadataOf(selection, profile) };
}

/** A source that a policy denies yields nothing; the same item is not told twice. */
async function gatherAllowed(
  task: RememberingTask,
  profile: ContextProfile,
  { stores, policy, events, parentOf = () => null }: ContextAssemblerOptions,
): Promise<readonly ContextItem[]> {
  const found = new Map<string, ContextItem>();
  for (const source of profile.sources) {
    const verdict = policy.check('context', profile.id, source.store);
    if (verdict.allowed) {
      for (const item of await gatherItems(source, task, { stores, parentOf })) {
        found.set(`${source.store}/${item.context_item_id}`, item);
      }
    } else {
      const { reason } = verdict;
      const payload = { target: 'context', target_id: source.store, profile_id: profile.id, reason };
      events?.emit({ name: 'policy_denied', task_id: task.task_id, stage_id: null, payload });
    }
  }
  return [...found.values()];
}

function metadataOf(selection: Selection, { id }: ContextProfile): ContextMetadata {
  return {
    items_count: selection.items.length,
    total_tokens: selection.tokens,
    profile_id: id,
    dropped_count: selection.droppedCount,
    ...(selection.budgetExceeded ? { budget_exceeded: true } : {}),
  };
}

function failure(
  { id, message }: { readonly id: string; readonly message: string },
  task: RememberingTask,
  clock: EngineClock,
): EngineErrorRecord {
  return {
    error_id: id,
    code: 'validation',
    message,
    source: 'memory',
    severity: 'error',
    details: null,
    stage_id: null,
    task_id: task.task_id,
    timestamp: isoTime(clock),
  };
}
