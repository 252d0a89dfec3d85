import { RE2JS } from 're2js';
import type { FlowValue } from '../flow-node.ts';
import { referenceText, type Reference } from '../reference.ts';
import type { Comparison, Expression } from './parse-condition.ts';
import type { ValueFunction } from './tokens.ts';

/** A value the condition looked at, as it is shown to a person. */
export interface SeenValue {
  readonly term: string;
  readonly value: FlowValue;
}

/** What a condition comes to; `ambiguous` when the types of its values give it no meaning. */
export type Decision =
  | { readonly kind: 'decided'; readonly value: boolean }
  | { readonly kind: 'ambiguous'; readonly reason: string; readonly values: readonly SeenValue[] };

/** The value of a reference, or of the one node the decision depends on; undefined when there is none. */
export type ValueOf = (reference: Reference | undefined) => FlowValue | undefined;

/** Decides a condition. What stands behind an `||` or `&&` that is decided already is not looked at. */
export function evaluateCondition(expression: Expression, valueOf: ValueOf): Decision {
  const evaluation = new Evaluation(valueOf);
  const value = evaluation.truth(expression);
  if (value !== undefined) return { kind: 'decided', value };
  return { kind: 'ambiguous', reason: evaluation.reason, values: evaluation.seen };
}

class Evaluation {
  readonly seen: SeenValue[] = [];
  reason = '';
  readonly #valueOf: ValueOf;

  constructor(valueOf: ValueOf) {
    this.#valueOf = valueOf;
  }

  /** Undefined when it is ambiguous. */
  truth(expression: Expression): boolean | undefined {
    switch (expression.kind) {
      case 'any':
      case 'all': {
        const deciding = expression.kind === 'any';
        for (const part of expression.of) {
          const value = this.truth(part);
          if (value === undefined || value === deciding) return value;
        }
        return !deciding;
      }
      case 'not': {
        const value = this.truth(expression.of);
        return value === undefined ? undefined : !value;
      }
      case 'compare':
        return this.#compare(expression.by, expression);
      case 'literal':
      case 'value': {
        const value = this.#term(expression);
        if (value === undefined || typeof value === 'boolean') return value;
        return this.#doubt(`${shown(value)} is neither true nor false`);
      }
    }
  }

  #compare(
    by: Comparison,
    { left, right }: { readonly left: Expression; readonly right: Expression },
  ): boolean | undefined {
    const a = this.#term(left);
    const b = a === undefined ? undefined : this.#term(right);
    if (a === undefined || b === undefined) return undefined;
    const result = compare(by, a, b);
    return result ?? this.#doubt(`${shown(a)} ${by} ${shown(b)} has no meaning`);
  }

  #term(expression: Expression): FlowValue | undefined {
    if (expression.kind === 'literal') return expression.value;
    if (expression.kind !== 'value') return this.truth(expression);
    const { reference, function: name } = expression;
    const term = reference === undefined ? '{}' : referenceText(reference);
    const value = this.#valueOf(reference);
    if (value === undefined) return this.#doubt(`${term} has no value`);
    this.seen.push({ term, value });
    if (name === undefined) return value;
    return APPLY[name](value) ?? this.#doubt(`${term}.${name} of ${shown(value)} has no meaning`);
  }

  #doubt(reason: string): undefined {
    this.reason = reason;
    return undefined;
  }
}

const APPLY: Readonly<Record<ValueFunction, (value: FlowValue) => FlowValue | undefined>> = {
  length: (value) => (typeof value === 'string' || Array.isArray(value) ? value.length : undefined),
  count: (value) => {
    if (Array.isArray(value)) return value.length;
    return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
  },
  type: typeOf,
  empty: (value) => {
    if (value === null || value === '') return true;
    return typeof value === 'object' ? Object.keys(value).length === 0 : false;
  },
};

function typeOf(value: FlowValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Undefined when values of these types cannot be compared in this way. */
function compare(by: Comparison, left: FlowValue, right: FlowValue): boolean | undefined {
  switch (by) {
    case '==':
    case '!=': {
      if (typeOf(left) !== typeOf(right) && left !== null && right !== null) return undefined;
      if (typeof left === 'object' && left !== null && right !== null) return undefined;
      return (left === right) === (by === '==');
    }
    case 'contains':
      return contains(left, right);
    case 'matches':
      if (typeof left !== 'string' || typeof right !== 'string') return undefined;
      return RE2JS.compile(right).matcher(left).find();
    default:
      return ordered(by, left, right);
  }
}

function contains(left: FlowValue, right: FlowValue): boolean | undefined {
  if (typeof left === 'string') return typeof right === 'string' ? left.includes(right) : undefined;
  if (typeof right === 'object' && right !== null) return undefined;
  return Array.isArray(left) ? left.includes(right) : undefined;
}

function ordered(by: '>' | '>=' | '<' | '<=', left: FlowValue, right: FlowValue): boolean | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  switch (by) {
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
  }
}

function shown(value: FlowValue): string {
  const text = JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
