import type { JsonObject, JsonValue } from './json.ts';
import type { RetrievalPolicy, StoreName } from './vocabulary.ts';

/** Something remembered, as nodes read it. */
export interface ContextItem {
  readonly context_item_id: string;
  readonly kind: string;
  readonly source: string;
  readonly timestamp: string;
  readonly tags: readonly string[];
  /** 0 to 1. */
  readonly importance: number | null;
  /** Tokens; estimated from the payload when `null`. */
  readonly token_cost: number | null;
  readonly payload: JsonValue;
  readonly metadata: JsonObject;
}

export interface ContextProfileSource {
  readonly store: StoreName;
  /** Any of them; empty means every item. */
  readonly tags: readonly string[];
  /** Task store only: a clone or subtask also reads what its ancestors remember. */
  readonly inherit: boolean;
}

export interface ContextProfile {
  readonly id: string;
  readonly max_tokens: number;
  readonly retrieval_policy: RetrievalPolicy;
  readonly sources: readonly ContextProfileSource[];
  readonly metadata: JsonObject;
}

/** What a node may read, deeply frozen. */
export interface ContextPackage {
  /** `ctx-<task>-<profile>`. */
  readonly context_package_id: string;
  readonly items: readonly ContextItem[];
  readonly summary: null;
  /** Tokens chosen / tokens found; 1 when nothing was found. */
  readonly compression_ratio: number;
}
