import type { TaskGraph } from '../task-graph.ts';
import type { TaskNode } from '../task-node.ts';
import { EventedRun } from './evented-run.ts';
import type { GraphRun, RunGraphOptions } from './graph-run.ts';

/**
 * Runs a graph: every node after those it depends on, as many at a time as allowed. Nothing starts
 * before the first event is asked for; then the run goes on by itself, and events wait for the reader.
 *
 * The last event is `run_finished`; a node's failure is an event too. The iteration throws when the
 * journal fails, after everything that ran has ended. Aborting `signal`, or leaving the loop, starts
 * nothing more, aborts the signal of the running nodes, and waits for them.
 *
 * @throws {GraphError} OPTION_INVALID, WEIGHT_INVALID; JOURNAL_MISMATCH when the journal is not of a
 * run of this graph.
 * @example
 * for await (const event of runGraph(graph, { concurrency: 8, run: (node) => build(node) })) log(event);
 */
export function runGraph<Node extends TaskNode, Result>(
  graph: TaskGraph<Node>,
  options: RunGraphOptions<Node, Result>,
): GraphRun<Result, Node> {
  return new EventedRun(graph, options);
}
