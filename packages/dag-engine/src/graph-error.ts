import { SwarmError, type ErrorTraits } from '@agentswarm/core';

/** Codes of everything that can be wrong with a task graph, a question about it or its run. */
export type GraphErrorCode =
  | 'GRAPH_INVALID'
  | 'GRAPH_JSON_INVALID'
  | 'JOURNAL_MISMATCH'
  | 'NODE_STATUS_WRONG'
  | 'NODE_UNKNOWN'
  | 'OPTION_INVALID'
  | 'RUN_STARTED_TWICE'
  | 'WEIGHT_INVALID';

/** One thing that is wrong with a list of nodes. */
export type GraphProblem =
  /** `index` counts from 0 in the list given. */
  | { readonly kind: 'empty_id'; readonly index: number }
  | { readonly kind: 'duplicate_id'; readonly id: string }
  | { readonly kind: 'unknown_dependency'; readonly id: string; readonly dependency: string }
  | { readonly kind: 'self_edge'; readonly id: string }
  /** Each node depends on the next; the last is the first again. */
  | { readonly kind: 'cycle'; readonly path: readonly string[] };

const TRAITS: Readonly<Record<GraphErrorCode, ErrorTraits>> = {
  GRAPH_INVALID: { kind: 'user', retryable: false },
  GRAPH_JSON_INVALID: { kind: 'user', retryable: false },
  JOURNAL_MISMATCH: { kind: 'user', retryable: false },
  NODE_STATUS_WRONG: { kind: 'internal', retryable: false },
  NODE_UNKNOWN: { kind: 'internal', retryable: false },
  OPTION_INVALID: { kind: 'config', retryable: false },
  RUN_STARTED_TWICE: { kind: 'internal', retryable: false },
  WEIGHT_INVALID: { kind: 'internal', retryable: false },
};

const MAX_PROBLEMS_IN_MESSAGE = 20;
const MAX_PATH_IN_MESSAGE = 12;
const MAX_ID_IN_MESSAGE = 100;

/** A task graph, or a question about one, that makes no sense. */
export class GraphError extends SwarmError<GraphErrorCode> {
  /** Everything that is wrong, for GRAPH_INVALID; otherwise empty. */
  readonly problems: readonly GraphProblem[];

  constructor(
    code: GraphErrorCode,
    message: string,
    options: {
      readonly details?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
      readonly problems?: readonly GraphProblem[];
    } = {},
  ) {
    const { problems = [], ...rest } = options;
    super(code, message, { ...rest, traits: TRAITS[code] });
    this.problems = problems;
  }
}

export function invalidGraph(problems: readonly GraphProblem[]): GraphError {
  return new GraphError(
    'GRAPH_INVALID',
    `task graph is invalid:\n  ${listed(problems.map(describeProblem))}`,
    { details: { problems }, problems },
  );
}

export function unknownNode(id: string): GraphError {
  return new GraphError('NODE_UNKNOWN', `the graph has no node "${shownId(id)}"`, { details: { id } });
}

/** An id as messages show it: ids may be of any length. */
export function shownId(id: string): string {
  return id.length <= MAX_ID_IN_MESSAGE ? id : `${id.slice(0, MAX_ID_IN_MESSAGE)}… (${id.length} characters)`;
}

/** One problem a line, the first ones of many. */
export function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, MAX_PROBLEMS_IN_MESSAGE);
  if (lines.length > shown.length) shown.push(`… and ${lines.length - shown.length} more`);
  return shown.join('\n  ');
}

function describeProblem(problem: GraphProblem): string {
  switch (problem.kind) {
    case 'empty_id':
      return `node ${problem.index} has an empty id`;
    case 'duplicate_id':
      return `duplicate id "${shownId(problem.id)}"`;
    case 'unknown_dependency':
      return `"${shownId(problem.id)}" depends on "${shownId(problem.dependency)}", which does not exist`;
    case 'self_edge':
      return `"${shownId(problem.id)}" depends on itself`;
    case 'cycle':
      return `cycle (each depends on the next): ${shortened(problem.path).map(shownId).join(' → ')}`;
  }
}

function shortened(path: readonly string[]): readonly string[] {
  if (path.length <= MAX_PATH_IN_MESSAGE) return path;
  const half = MAX_PATH_IN_MESSAGE / 2;
  return [...path.slice(0, half), `(${path.length - 2 * half} more)`, ...path.slice(-half)];
}
