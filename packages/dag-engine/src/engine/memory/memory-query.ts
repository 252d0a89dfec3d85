import { StorageError } from '../storage/storage-error.ts';

/** Fields that hold text; `null` where there is no owner. */
const TEXT_FIELDS = ['context_item_id', 'kind', 'source', 'timestamp', 'task_id', 'project_id'] as const;
/** Fields that hold a number or `null`. */
const NUMBER_FIELDS = ['importance', 'token_cost'] as const;

type TextField = (typeof TEXT_FIELDS)[number];
type NumberField = (typeof NUMBER_FIELDS)[number];
export type ScalarField = TextField | NumberField;
export type Scalar = string | number | null;

/** All of them must hold. `null` in an item matches only `$eq: null` and `$ne`. */
export interface Comparison<Value extends string | number> {
  readonly $eq?: Value | null;
  readonly $ne?: Value | null;
  readonly $gt?: Value;
  readonly $gte?: Value;
  readonly $lt?: Value;
  readonly $lte?: Value;
}

export type MemoryFilters = {
  readonly [Field in TextField]?: string | null | Comparison<string>;
} & {
  readonly [Field in NumberField]?: number | null | Comparison<number>;
} & {
  /** Items with any of these tags. */
  readonly tags?: readonly string[];
};

/** Which items of a store are wanted, and in which order. */
export interface MemoryQuery {
  readonly filters?: MemoryFilters;
  /** Default 100; `null` means every match. */
  readonly limit?: number | null;
  /** Highest first, so newest first; `-field` is lowest first. `null` comes last. Default `timestamp`. */
  readonly orderBy?: ScalarField | `-${ScalarField}`;
}

export type Operator = keyof Comparison<string>;

export interface Condition {
  readonly field: ScalarField;
  readonly operator: Operator;
  readonly value: Scalar;
}

/** A query with every default filled in, checked: what backends work from. */
export interface QueryPlan {
  readonly conditions: readonly Condition[];
  readonly tags: readonly string[] | null;
  readonly limit: number | null;
  readonly orderBy: ScalarField;
  /** Items equal in `orderBy` come in this direction of the order they were put in, too. */
  readonly descending: boolean;
}

const DEFAULT_LIMIT = 100;
const OPERATORS: readonly string[] = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'] satisfies Operator[];

/** @throws {StorageError} QUERY_INVALID for an unknown field or operator, a value of another type, a bad limit. */
export function planQuery(query: MemoryQuery = {}): QueryPlan {
  const { filters = {}, limit = DEFAULT_LIMIT, orderBy = 'timestamp' } = query;
  const { tags, ...scalars } = filters;
  if (limit !== null && !(Number.isSafeInteger(limit) && limit >= 0)) throw invalid(`limit ${limit}`);
  if (tags !== undefined && !isTextList(tags)) throw invalid('tags is not a list of texts');
  return {
    conditions: Object.entries(scalars).flatMap(([name, filter]) => planFilter(name, filter)),
    tags: tags ?? null,
    limit,
    ...planOrder(orderBy),
  };
}

function planOrder(orderBy: string): Pick<QueryPlan, 'orderBy' | 'descending'> {
  const descending = !orderBy.startsWith('-');
  const field = descending ? orderBy : orderBy.slice(1);
  if (!isScalarField(field)) throw invalid(`cannot order by "${orderBy}"`);
  return { orderBy: field, descending };
}

function planFilter(field: string, filter: unknown): readonly Condition[] {
  if (filter === undefined) return [];
  if (!isScalarField(field)) throw invalid(`there is no field "${field}"`);
  if (typeof filter !== 'object' || filter === null) return [planCondition(field, '$eq', filter)];
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([operator, value]) => planCondition(field, operator, value));
}

function planCondition(field: ScalarField, operator: string, value: unknown): Condition {
  if (!isOperator(operator)) throw invalid(`there is no operator "${operator}"`);
  const comparesNull = operator === '$eq' || operator === '$ne';
  if (value === null && comparesNull) return { field, operator, value };
  if (isTextField(field) ? typeof value !== 'string' : typeof value !== 'number' || Number.isNaN(value)) {
    throw invalid(`"${field}" cannot be compared with ${JSON.stringify(value)}`);
  }
  return { field, operator, value: value as Scalar };
}

function isOperator(name: string): name is Operator {
  return OPERATORS.includes(name);
}

function isTextField(name: string): name is TextField {
  return (TEXT_FIELDS as readonly string[]).includes(name);
}

function isScalarField(name: string): name is ScalarField {
  return isTextField(name) || (NUMBER_FIELDS as readonly string[]).includes(name);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function invalid(what: string): StorageError {
  return new StorageError('QUERY_INVALID', `memory query: ${what}`);
}
