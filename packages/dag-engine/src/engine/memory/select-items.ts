import type { ContextItem } from '../model/context.ts';
import { compareText } from './text-order.ts';
import { tokenCostOf } from './token-cost.ts';

const PROTECTED_TURNS = 3;

export interface SelectionRules {
  readonly maxTokens: number;
  /** The first and the last so many items, by time, come before those between. */
  readonly headTailPreserve: number;
  /** Ids, best first, where a retriever ranked the items; else the newest are the best. */
  readonly ranking?: readonly string[];
}

export interface Selection {
  /** In chronological order. */
  readonly items: readonly ContextItem[];
  readonly tokens: number;
  readonly droppedCount: number;
  /** Selected tokens / tokens found; 1 when nothing was found. */
  readonly compressionRatio: number;
  /** The protected items alone cost more than there is: then system items stay, whatever they cost. */
  readonly budgetExceeded: boolean;
}

interface Candidate {
  readonly item: ContextItem;
  readonly cost: number;
  /** In the order of the sources. */
  readonly found: number;
}

/**
 * Chooses what a node gets to read. Protected are items with the role `system` and the last three with the role
 * `user` or `assistant`; after them come head and tail, then the rest, and within each of these the best first. An
 * item that does not fit is passed over. The budget is exceeded only by system items.
 */
export function selectItems(items: readonly ContextItem[], rules: SelectionRules): Selection {
  const candidates = items.map((item, found) => ({ item, cost: tokenCostOf(item), found }));
  const chronological = candidates.toSorted(byTime);
  const groups = groupByPrecedence(chronological, rules);
  const budgetExceeded = costOf(groups.protected) > rules.maxTokens;
  const system = groups.protected.filter(isSystem);
  const chosen = new Set(budgetExceeded ? system : groups.protected);
  const contenders = budgetExceeded
    ? ranked(
        chronological.filter((candidate) => !chosen.has(candidate)),
        rules,
      )
    : [...ranked(groups.edges, rules), ...ranked(groups.middle, rules)];
  fill(chosen, contenders, rules.maxTokens);
  const selected = chronological.filter((candidate) => chosen.has(candidate));
  const [tokens, total] = [costOf(selected), costOf(candidates)];
  return {
    items: selected.map(({ item }) => item),
    tokens,
    droppedCount: candidates.length - selected.length,
    compressionRatio: total === 0 ? 1 : tokens / total,
    budgetExceeded,
  };
}

function groupByPrecedence(chronological: readonly Candidate[], { headTailPreserve }: SelectionRules) {
  const turns = chronological.filter(({ item }) => isTurn(item)).slice(-PROTECTED_TURNS);
  const isProtected = (candidate: Candidate) => isSystem(candidate) || turns.includes(candidate);
  const others = chronological.filter((candidate) => !isProtected(candidate));
  const isEdge = (_: Candidate, index: number) =>
    index < headTailPreserve || index >= others.length - headTailPreserve;
  return {
    protected: chronological.filter(isProtected),
    edges: others.filter(isEdge),
    middle: others.filter((candidate, index) => !isEdge(candidate, index)),
  };
}

function fill(chosen: Set<Candidate>, contenders: readonly Candidate[], maxTokens: number): void {
  let left = maxTokens - costOf([...chosen]);
  for (const candidate of contenders) {
    if (candidate.cost > left) continue;
    chosen.add(candidate);
    left -= candidate.cost;
  }
}

/** Best first: as the retriever says, else newest, then most important, then by id. */
function ranked(candidates: readonly Candidate[], { ranking }: SelectionRules): readonly Candidate[] {
  const newestFirst = candidates.toSorted(
    (a, b) =>
      compareText(b.item.timestamp, a.item.timestamp) ||
      (b.item.importance ?? 0) - (a.item.importance ?? 0) ||
      compareText(a.item.context_item_id, b.item.context_item_id),
  );
  if (ranking === undefined) return newestFirst;
  const places = new Map(ranking.map((id, place) => [id, place]));
  const placeOf = ({ item }: Candidate) => places.get(item.context_item_id) ?? ranking.length;
  return newestFirst.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function byTime(a: Candidate, b: Candidate): number {
  return compareText(a.item.timestamp, b.item.timestamp) || a.found - b.found;
}

function isSystem({ item }: Candidate): boolean {
  return item.metadata['role'] === 'system';
}

function isTurn(item: ContextItem): boolean {
  return item.metadata['role'] === 'user' || item.metadata['role'] === 'assistant';
}

function costOf(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { cost }) => sum + cost, 0);
}
