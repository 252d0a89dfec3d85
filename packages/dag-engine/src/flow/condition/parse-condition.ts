import { toSwarmError } from '@agentswarm/core';
import { RE2JS } from 're2js';
import type { Reference } from '../reference.ts';
import { tokenize, type Token, type ValueFunction } from './tokens.ts';

export type Comparison = '==' | '!=' | '>' | '>=' | '<' | '<=' | 'contains' | 'matches';

/** A condition as a tree. */
export type Expression =
  | { readonly kind: 'any' | 'all'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | {
      readonly kind: 'compare';
      readonly by: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'literal'; readonly value: number | string | boolean | null }
  /** `reference` is absent for the result of the one node the decision depends on. */
  | { readonly kind: 'value'; readonly reference?: Reference; readonly function?: ValueFunction };

export type ParsedCondition = { readonly expression: Expression } | { readonly problem: string };

const COMPARISONS: readonly string[] = ['==', '!=', '>', '>=', '<', '<=', 'contains', 'matches'];
const MAX_LENGTH = 2000;
const MAX_DEPTH = 100;

/**
 * Reads a condition: comparisons joined by `!`, `&&` and `||`, binding in that order.
 * A term is a number, a quoted text, `true`, `false`, `null`, `{id.path[0]}`, `{}` for the result of the one
 * node it depends on, either with `.length`, `.count`, `.type` or `.empty`, one of these alone, or a condition
 * in parentheses. `matches` takes a quoted regular expression of the RE2 kind, which needs linear time.
 */
export function parseCondition(source: string): ParsedCondition {
  if (source.length > MAX_LENGTH) return { problem: `it is longer than ${MAX_LENGTH} characters` };
  const cut = tokenize(source);
  if ('problem' in cut) return cut;
  const reader = new ConditionReader(cut.tokens);
  const expression = reader.readAny(0);
  if (expression === undefined) return { problem: reader.problem };
  return reader.isAtEnd ? { expression } : { problem: reader.problem };
}

class ConditionReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #problem: string | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  get problem(): string {
    return this.#problem ?? `unexpected ${describe(this.#tokens[this.#at])}`;
  }

  readAny(depth: number): Expression | undefined {
    return this.#readJoined('||', () => this.#readJoined('&&', () => this.#readNot(depth)));
  }

  #readJoined(operator: '||' | '&&', readPart: () => Expression | undefined): Expression | undefined {
    const parts: Expression[] = [];
    do {
      const part = readPart();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.#accept(operator));
    const [only, ...more] = parts;
    return more.length === 0 ? only : { kind: operator === '||' ? 'any' : 'all', of: parts };
  }

  #readNot(depth: number): Expression | undefined {
    if (depth > MAX_DEPTH) return this.#refuse(`it is nested more than ${MAX_DEPTH} times`);
    if (!this.#accept('!')) return this.#readComparison(depth);
    const of = this.#readNot(depth + 1);
    return of === undefined ? undefined : { kind: 'not', of };
  }

  #readComparison(depth: number): Expression | undefined {
    const left = this.#readTerm(depth);
    const token = this.#tokens[this.#at];
    if (left === undefined || token?.kind !== 'operator' || !COMPARISONS.includes(token.text)) return left;
    this.#at += 1;
    const right = this.#readTerm(depth);
    if (right === undefined) return undefined;
    const by = token.text as Comparison;
    const problem = by === 'matches' ? patternProblem(right) : undefined;
    return problem === undefined ? { kind: 'compare', by, left, right } : this.#refuse(problem);
  }

  #readTerm(depth: number): Expression | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) return this.#refuse('something is missing at the end');
    if (token.kind === 'operator' && token.text !== '(') return undefined;
    this.#at += 1;
    switch (token.kind) {
      case 'literal':
        return token;
      case 'function':
        return { kind: 'value', function: token.name };
      case 'reference':
        return this.#readFunction(token.reference);
      case 'operator': {
        const inner = this.readAny(depth + 1);
        return inner === undefined || this.#accept(')') ? inner : undefined;
      }
    }
  }

  #readFunction(reference: Reference | undefined): Expression | undefined {
    const of = reference === undefined ? {} : { reference };
    if (!this.#accept('.')) return { kind: 'value', ...of };
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'function') return undefined;
    this.#at += 1;
    return { kind: 'value', ...of, function: token.name };
  }

  #accept(operator: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'operator' || token.text !== operator) return false;
    this.#at += 1;
    return true;
  }

  #refuse(problem: string): undefined {
    this.#problem ??= problem;
    return undefined;
  }
}

function patternProblem(right: Expression): string | undefined {
  if (right.kind !== 'literal' || typeof right.value !== 'string') return 'matches needs a quoted pattern';
  try {
    RE2JS.compile(right.value);
    return undefined;
  } catch (error) {
    return `"${right.value}" is no regular expression: ${toSwarmError(error).message}`;
  }
}

function describe(token: Token | undefined): string {
  if (token === undefined) return 'end';
  if (token.kind === 'literal') return JSON.stringify(token.value);
  if (token.kind === 'reference') return 'reference';
  return `"${token.kind === 'function' ? token.name : token.text}"`;
}

/** The references of a condition. */
export function referencesOf(expression: Expression): readonly (Reference | undefined)[] {
  switch (expression.kind) {
    case 'any':
    case 'all':
      return expression.of.flatMap(referencesOf);
    case 'not':
      return referencesOf(expression.of);
    case 'compare':
      return [...referencesOf(expression.left), ...referencesOf(expression.right)];
    case 'literal':
      return [];
    case 'value':
      return [expression.reference];
  }
}
