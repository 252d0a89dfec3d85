import { GraphError, shownId } from '../graph-error.ts';
import { COMPLETE, FAILED, READY, RUNNING } from '../scheduler/node-states.ts';
import type { SchedulerCore, Skip } from '../scheduler/scheduler-core.ts';
import type { TaskNode } from '../task-node.ts';
import type { GraphEvent, GraphGrowth } from './graph-event.ts';

/** What {@link replay} brings up to date. */
export interface ReplayTarget<Node extends TaskNode> {
  readonly core: SchedulerCore<Node>;
  /** Results by number of the node. */
  readonly results: unknown[];
}

/**
 * Leads a fresh scheduler to where an earlier run was. What ran when that run ended is ready again.
 * Gives the skipped nodes the earlier run did not come to report.
 *
 * @throws {GraphError} JOURNAL_MISMATCH when the events are not of a run of this graph.
 */
export function replay<Node extends TaskNode>(
  events: Iterable<GraphEvent<unknown, Node>>,
  target: ReplayTarget<Node>,
): readonly Skip[] {
  const { core } = target;
  const unreported = new Map<number, Skip>();
  for (const event of events) {
    if (!('id' in event)) continue;
    const node = core.graph.find(event.id);
    if (node === undefined) throw mismatch(event, 'the graph has no such node');
    if (event.type === 'node_skipped') unreported.delete(node);
    else for (const skip of apply(event, node, target)) unreported.set(skip.node, skip);
  }
  for (let node = 0; node < core.graph.size; node += 1) {
    if (core.states.status(node) !== RUNNING) continue;
    for (const skip of core.putBack(node)) unreported.set(skip.node, skip);
  }
  return [...unreported.values()];
}

type NodeEvent<Node extends TaskNode> = Exclude<
  Extract<GraphEvent<unknown, Node>, { readonly id: string }>,
  { readonly type: 'node_skipped' }
>;

function apply<Node extends TaskNode>(
  event: NodeEvent<Node>,
  node: number,
  { core, results }: ReplayTarget<Node>,
): readonly Skip[] {
  const status = core.states.status(node);
  if (event.type === 'node_started') {
    // Of a run that was killed only the start is known: it has run before and runs again.
    if (status === RUNNING) core.putBack(node);
    if (core.states.status(node) > READY) throw mismatch(event, 'the node had ended before');
    core.restart(node);
    return [];
  }
  if (status !== RUNNING) throw mismatch(event, 'the node was not running');
  switch (event.type) {
    case 'node_completed':
      results[node] = event.result;
      return completeNode(core, node, event);
    case 'node_failed':
      if (!event.willRetry) return core.fail(node);
      core.retry(node);
      return [];
    case 'node_interrupted':
      return core.putBack(node);
  }
}

interface Decisions<Node extends TaskNode> {
  readonly growth?: GraphGrowth<Node>;
  readonly skips?: readonly string[];
}

/**
 * Completes a node and does what it decided: all of it or, when the growth is refused, nothing.
 * Branches are decided before the node completes, so that none of them starts.
 *
 * @throws {GraphError} GRAPH_INVALID, NODE_STATUS_WRONG, NODE_UNKNOWN.
 */
export function completeNode<Node extends TaskNode>(
  core: SchedulerCore<Node>,
  node: number,
  { growth, skips = [] }: Decisions<Node>,
): readonly Skip[] {
  const skipped: Skip[] = [];
  const heads = skips.map((id) => core.graph.indexOf(id));
  for (const head of heads) assertOpen(core, head);
  if (growth !== undefined) {
    for (const skip of core.add(growth.nodes, growth.dependencies)) skipped.push(skip);
  }
  for (const head of heads) {
    if (core.states.status(head) > READY) continue;
    skipped.push({ node: head, because: node });
    for (const skip of core.skip(head)) skipped.push(skip);
  }
  core.complete(node);
  return skipped;
}

function assertOpen<Node extends TaskNode>({ graph, states }: SchedulerCore<Node>, node: number): void {
  const status = states.status(node);
  if (status !== RUNNING && status !== COMPLETE && status !== FAILED) return;
  const { id } = graph.node(node);
  throw new GraphError('NODE_STATUS_WRONG', `"${shownId(id)}" cannot be skipped any more`, {
    details: { id },
  });
}

function mismatch(event: { readonly type: string; readonly id: string }, why: string): GraphError {
  const { type, id } = event;
  return new GraphError('JOURNAL_MISMATCH', `the journal has "${type}" of "${shownId(id)}", but ${why}`, {
    details: { type, id },
  });
}
