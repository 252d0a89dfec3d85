import type { SQLInputValue } from 'node:sqlite';
import type { Condition, Operator, QueryPlan, ScalarField } from './memory-query.ts';

export interface SqlQuery {
  /** What follows `FROM table`. */
  readonly text: string;
  readonly parameters: readonly SQLInputValue[];
}

/** The only names that reach SQL text; every value is a parameter. */
const COLUMNS: Readonly<Record<ScalarField, string>> = {
  context_item_id: 'id',
  kind: 'kind',
  source: 'source',
  timestamp: 'timestamp',
  task_id: 'task_id',
  project_id: 'project_id',
  importance: 'importance',
  token_cost: 'token_cost',
};

/** `IS` also compares with NULL; the others are never true of NULL. */
const COMPARISONS: Readonly<Record<Operator, string>> = {
  $eq: 'IS',
  $ne: 'IS NOT',
  $gt: '>',
  $gte: '>=',
  $lt: '<',
  $lte: '<=',
};

/** Name of the function that tells whether two JSON lists of texts have one in common. */
export const OVERLAPS = 'lists_overlap';

/** Says a query in SQL. */
export function sqlOf({ conditions, tags, limit, orderBy, descending }: QueryPlan): SqlQuery {
  const clauses = conditions.map(clauseOf);
  const parameters: SQLInputValue[] = conditions.map(({ value }) => value);
  if (tags !== null) {
    clauses.push(`${OVERLAPS}(tags, ?) = 1`);
    parameters.push(JSON.stringify(tags));
  }
  const where = clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')} `;
  const direction = descending ? 'DESC' : 'ASC';
  const order = `ORDER BY ${COLUMNS[orderBy]} ${direction} NULLS LAST, seq ${direction}`;
  return { text: `${where}${order} LIMIT ?`, parameters: [...parameters, limit ?? -1] };
}

function clauseOf({ field, operator }: Condition): string {
  return `${COLUMNS[field]} ${COMPARISONS[operator]} ?`;
}
