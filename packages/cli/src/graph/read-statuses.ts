import type { JsonTaskNode, NodeStatus, TaskGraph } from '@agentswarm/dag-engine';
import { CliError } from '../errors.ts';

const STATUSES: readonly string[] = [
  'pending',
  'running',
  'complete',
  'failed',
  'skipped',
] satisfies NodeStatus[];

/**
 * Where the nodes of a graph are: as their field `status` says, and complete when they are among `done`.
 *
 * @throws {CliError} CLI_USAGE for a status there is not, and for a node that is done but not in the graph.
 */
export function readStatuses(
  graph: TaskGraph<JsonTaskNode>,
  done: readonly string[],
): ReadonlyMap<string, NodeStatus> {
  const unknown = done.find((id) => !graph.has(id));
  if (unknown !== undefined) {
    throw new CliError('CLI_USAGE', `--done: "${unknown}" is no node of the graph`);
  }
  const declared = graph.nodes.map((node): readonly [string, NodeStatus] => [node.id, statusOf(node)]);
  return new Map([...declared, ...done.map((id) => [id, 'complete'] as const)]);
}

function statusOf({ id, ...fields }: JsonTaskNode): NodeStatus {
  const { status = 'pending' } = fields;
  if (isStatus(status)) return status;
  const message = `node "${id}" has the status ${JSON.stringify(status)}, not ${STATUSES.join(', ')}`;
  throw new CliError('CLI_USAGE', message);
}

function isStatus(value: unknown): value is NodeStatus {
  return typeof value === 'string' && STATUSES.includes(value);
}
