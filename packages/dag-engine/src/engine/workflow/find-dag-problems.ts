import { DAGValidationError } from '../errors.ts';
import type { Workflow, WorkflowNode } from '../model/workflow.ts';
import { Adjacency } from './adjacency.ts';
import { findJoins } from './joins.ts';
import { createReachability } from './reachability.ts';
import { checkEdgeCounts } from './role-shapes.ts';
import { orderTopologically } from './topological-order.ts';

/** What of a workflow could not be read, and therefore cannot be judged. */
export interface UnreadableParts {
  /** Ids of nodes whose entry has problems of its own. */
  readonly nodes: ReadonlySet<string>;
  /** Some node has no id, or some edge no end. */
  readonly places: boolean;
}

const EVERYTHING_READ: UnreadableParts = { nodes: new Set(), places: false };

/**
 * Finds everything that keeps a workflow from being a legal DAG, in a fixed order. What depends on the whole being
 * sound (starts, paths, joins) is only asked when the parts are.
 */
export function findDagProblems(
  workflow: Workflow,
  unreadable: UnreadableParts = EVERYTHING_READ,
): readonly DAGValidationError[] {
  if (unreadable.places) return judgeable(workflow.nodes, unreadable).flatMap(nodeProblems);
  if (workflow.nodes.length === 0) return [new DAGValidationError(null, 'there are no nodes')];
  const graph = new Adjacency(workflow);
  const order = orderTopologically(graph);
  const nodes = judgeable(workflow.nodes, unreadable);
  const unknownEnds = edgeProblems(workflow, graph);
  const isComplete = unreadable.nodes.size === 0;
  const parts = [
    ...nodes.flatMap(nodeProblems),
    ...unknownEnds,
    ...(order.ok ? [] : [cycleProblem(order.cycle)]),
    ...(isComplete ? startProblems(nodes) : []),
    ...countProblems({ ...workflow, nodes }),
    ...labelProblems({ ...workflow, nodes }),
  ];
  if (!order.ok || !isComplete || unknownEnds.length > 0) return parts;
  return [...parts, ...pathProblems(graph), ...joinProblems(graph, order.order)];
}

function judgeable(nodes: readonly WorkflowNode[], unreadable: UnreadableParts): readonly WorkflowNode[] {
  return nodes.filter(({ id }) => !unreadable.nodes.has(id));
}

function nodeProblems(node: WorkflowNode): readonly DAGValidationError[] {
  const { id, role, kind } = node;
  const problems: string[] = [];
  if ((role === 'start' || role === 'exit') && kind !== 'deterministic') {
    problems.push(`a node with the role ${role} must be deterministic`);
  }
  if (node.context.trim() === '') problems.push('"context" is empty');
  if (kind === 'agent' && node.agent_id === null) problems.push('an agent node needs "agent_id"');
  if (role !== 'start' && node.default_start) problems.push('only a start may be the default start');
  return problems.map((problem) => new DAGValidationError(id, problem));
}

function edgeProblems({ edges }: Workflow, graph: Adjacency): readonly DAGValidationError[] {
  return edges.flatMap(({ from, to }) => {
    const unknown = [...new Set([from, to])].filter((id) => graph.find(id) === undefined);
    return unknown.map(
      (id) =>
        new DAGValidationError(id, `the edge from "${from}" to "${to}" names a node that does not exist`),
    );
  });
}

function cycleProblem(cycle: readonly string[]): DAGValidationError {
  return new DAGValidationError(cycle[0] ?? null, `there is a cycle: ${shortened(cycle).join(' → ')}`);
}

const MAX_SHOWN = 12;

function shortened(ids: readonly string[]): readonly string[] {
  if (ids.length <= MAX_SHOWN) return ids;
  const half = MAX_SHOWN / 2;
  return [...ids.slice(0, half), `(${ids.length - 2 * half} more)`, ...ids.slice(-half)];
}

function startProblems(nodes: readonly WorkflowNode[]): readonly DAGValidationError[] {
  const starts = nodes.filter(({ role }) => role === 'start');
  const defaults = starts.filter((node) => node.default_start);
  const problems: DAGValidationError[] = [];
  if (starts.length === 0) problems.push(new DAGValidationError(null, 'there is no start'));
  else if (defaults.length === 0)
    problems.push(new DAGValidationError(null, 'no start has "default_start: true"'));
  for (const { id } of defaults.slice(1)) {
    problems.push(new DAGValidationError(id, `"${defaults[0]?.id}" is the default start already`));
  }
  if (!nodes.some(({ role }) => role === 'exit'))
    problems.push(new DAGValidationError(null, 'there is no exit'));
  return problems;
}

/** Counts edges as declared: one to a node that does not exist is still one. */
function countProblems({ nodes, edges }: Workflow): readonly DAGValidationError[] {
  const incoming = Map.groupBy(edges, ({ to }) => to);
  const outgoing = Map.groupBy(edges, ({ from }) => from);
  return nodes.flatMap(({ id, role }) => {
    const counts = { in: incoming.get(id)?.length ?? 0, out: outgoing.get(id)?.length ?? 0 };
    return checkEdgeCounts(role, counts).map((problem) => new DAGValidationError(id, problem));
  });
}

/** A decision chooses by label, or by target where an edge has none. */
function labelProblems({ nodes, edges }: Workflow): readonly DAGValidationError[] {
  const outgoing = Map.groupBy(edges, ({ from }) => from);
  return nodes.flatMap(({ id, role }) => {
    if (role !== 'decision') return [];
    const byLabel = Map.groupBy(outgoing.get(id) ?? [], ({ label, to }) => label ?? to);
    return [...byLabel]
      .filter(([, same]) => same.length > 1)
      .map(
        ([label]) =>
          new DAGValidationError(id, `the label "${label}" is on more than one edge of the decision`),
      );
  });
}

function pathProblems(graph: Adjacency): readonly DAGValidationError[] {
  const idsOf = (role: string) => graph.nodes.filter((node) => node.role === role).map(({ id }) => id);
  const [starts, exits] = [idsOf('start'), idsOf('exit')];
  const reached = graph.descendants(starts);
  const ending = graph.ancestors(exits);
  return graph.nodes.flatMap(({ id }) => [
    ...(starts.length === 0 || reached.has(id) ? [] : [new DAGValidationError(id, 'no start leads here')]),
    ...(exits.length === 0 || ending.has(id) ? [] : [new DAGValidationError(id, 'no path leads to an exit')]),
  ]);
}

function joinProblems(graph: Adjacency, order: readonly string[]): readonly DAGValidationError[] {
  return [...findJoins(graph, order, createReachability(graph))].flatMap(([id, join]) => {
    if (join.kind === 'none' || join.kind === 'merge') return [];
    const nearest = join.candidates.join(', ');
    const problem =
      join.kind === 'ambiguous'
        ? `ambiguous join: ${nearest} are equally near; name one with "join"`
        : `"join" must name a nearest merge that all its edges lead to${nearest === '' ? '' : `: ${nearest}`}`;
    return [new DAGValidationError(id, problem)];
  });
}
