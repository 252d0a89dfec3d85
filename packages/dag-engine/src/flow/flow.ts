import { GraphError } from '../graph-error.ts';
import { createTaskGraph, type TaskGraph } from '../task-graph.ts';
import { checkNode, type FlowCheck } from './check-node.ts';
import { invalidFlow } from './flow-error.ts';
import { FlowDocumentSchema, type FlowMetadata, type FlowNode } from './flow-node.ts';
import type { FlowTask } from './flow-task.ts';

/** A valid flow. Immutable; made by {@link parseFlow}. */
export interface Flow {
  readonly metadata: FlowMetadata;
  readonly graph: TaskGraph<FlowTask>;
}

/** What a flow may use. */
export interface ParseFlowOptions {
  /** Whether an allowed skill exists; drafts are not asked for. Default: every skill does. */
  readonly hasSkill?: (name: string) => boolean;
  /** Default 50. */
  readonly maxNodes?: number;
}

/**
 * Reads `{"nodes": […], "metadata": {…}}`, for example what a model planned.
 *
 * @throws {FlowError} FLOW_INVALID with everything that is wrong in `details.problems`: form, ids,
 * dependencies, cycles, branches, references to nodes that do not come before, conditions, unknown skills.
 */
export function parseFlow(document: unknown, options: ParseFlowOptions = {}): Flow {
  const parsed = FlowDocumentSchema.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'top level'}: ${message}`,
    );
    throw invalidFlow(problems, parsed.error);
  }
  const { nodes, metadata } = parsed.data;
  const { hasSkill = () => true, maxNodes = 50 } = options;
  const tooMany = nodes.length > maxNodes ? [`${nodes.length} nodes are more than ${maxNodes}`] : [];
  const graph = graphOf(nodes);
  const check = { byId: new Map(nodes.map((node) => [node.id, node])), graph: graph.graph, hasSkill };
  const problems = [...tooMany, ...graph.problems, ...nodes.flatMap((node) => checkNode(node, check))];
  if (graph.graph === undefined || problems.length > 0) throw invalidFlow(problems);
  return Object.freeze({ metadata, graph: graph.graph });
}

function graphOf(nodes: readonly FlowNode[]): {
  readonly graph: FlowCheck['graph'];
  readonly problems: readonly string[];
} {
  const tasks = nodes.map((node) => Object.freeze({ id: node.id, dependsOn: node.depends_on, node }));
  try {
    return { graph: createTaskGraph<FlowTask>(tasks), problems: [] };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const [, ...problems] = error.message.split('\n');
    return { graph: undefined, problems: problems.map((line) => line.trim()) };
  }
}
