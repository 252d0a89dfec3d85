import type { MemoryItem } from './memory-item.ts';
import type { Condition, QueryPlan, Scalar } from './memory-query.ts';
import { compareText } from './text-order.ts';

/** Answers a query over items in the order they were put. */
export function matchItems(items: Iterable<MemoryItem>, plan: QueryPlan): readonly MemoryItem[] {
  const matching = [...items].filter((item) => matches(item, plan));
  if (plan.descending) matching.reverse();
  const direction = plan.descending ? -1 : 1;
  matching.sort((a, b) => compareScalars(a[plan.orderBy], b[plan.orderBy], direction));
  return plan.limit === null ? matching : matching.slice(0, plan.limit);
}

function matches(item: MemoryItem, { conditions, tags }: QueryPlan): boolean {
  if (tags !== null && !item.tags.some((tag) => tags.includes(tag))) return false;
  return conditions.every((condition) => holds(item[condition.field], condition));
}

function holds(actual: Scalar, { operator, value }: Condition): boolean {
  if (operator === '$eq') return actual === value;
  if (operator === '$ne') return actual !== value;
  if (actual === null || value === null) return false;
  const order = compareValues(actual, value);
  switch (operator) {
    case '$gt':
      return order > 0;
    case '$gte':
      return order >= 0;
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
  }
}

/** `null` comes last in both directions. */
function compareScalars(a: Scalar, b: Scalar, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return direction * compareValues(a, b);
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a) - Number(b);
}
