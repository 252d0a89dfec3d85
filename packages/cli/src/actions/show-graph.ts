import {
  getReadyNodes,
  GraphError,
  taskGraphFromJson,
  topologicalSort,
  toMermaid,
  type JsonTaskNode,
  type TaskGraph,
} from '@agentswarm/dag-engine';
import { print, printJson, type CliContext } from '../context.ts';
import { readText } from '../engine/read-input.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readStatuses } from '../graph/read-statuses.ts';
import { formatQuantity } from '../view/format.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface GraphFlags {
  readonly json?: boolean;
}

export interface ReadyFlags extends GraphFlags {
  readonly done?: readonly string[];
}

/** `agentswarm graph validate`: all that is wrong is in the error, or with `--json` in the object. */
export async function validateGraph(
  context: CliContext,
  file: string,
  { json }: GraphFlags,
): Promise<ExitCode> {
  const text = await readText(context, file);
  try {
    const { nodes } = taskGraphFromJson(text);
    const edges = nodes.reduce((sum, { dependsOn = [] }) => sum + dependsOn.length, 0);
    if (json === true) printJson(context, { valid: true, nodes: nodes.length, edges });
    else print(context, `valid: ${formatQuantity(nodes.length, 'node')}, ${formatQuantity(edges, 'edge')}`);
    return EXIT_CODES.goalMet;
  } catch (error) {
    if (json !== true || !(error instanceof GraphError)) throw error;
    printJson(context, { valid: false, problems: error.details['problems'] ?? [error.message] });
    return EXIT_CODES.usage;
  }
}

/** `agentswarm graph sort`: every node after those it depends on. */
export async function sortGraph(context: CliContext, file: string, flags: GraphFlags): Promise<ExitCode> {
  return printNodes(context, topologicalSort(await readGraph(context, file)), flags);
}

/** `agentswarm graph ready`: what can be done now. */
export async function showReady(context: CliContext, file: string, flags: ReadyFlags): Promise<ExitCode> {
  const graph = await readGraph(context, file);
  return printNodes(context, getReadyNodes(graph, readStatuses(graph, flags.done ?? [])), flags);
}

/** `agentswarm graph mermaid`: the graph as a flowchart. */
export async function drawGraph(context: CliContext, file: string): Promise<ExitCode> {
  context.stdout.write(toMermaid(await readGraph(context, file)));
  return EXIT_CODES.goalMet;
}

async function readGraph(context: CliContext, file: string): Promise<TaskGraph<JsonTaskNode>> {
  return taskGraphFromJson(await readText(context, file));
}

/** Ids, one a line, for people and shells; with `--json` the nodes as they were given. */
function printNodes(context: CliContext, nodes: readonly JsonTaskNode[], { json }: GraphFlags): ExitCode {
  if (json === true) printJson(context, nodes);
  else for (const { id } of nodes) print(context, toTerminalLine(id));
  return EXIT_CODES.goalMet;
}
