import type { TaskGraph } from './task-graph.ts';
import type { TaskNode } from './task-node.ts';

/** Draws the graph as a Mermaid flowchart; arrows run from a dependency to its dependent. */
export function toMermaid<Node extends TaskNode>(
  graph: TaskGraph<Node>,
  options: {
    /** Text of a node. Default its id. */
    readonly labelOf?: (node: Node) => string;
    /** Left to right or top down. Default `LR`. */
    readonly direction?: 'LR' | 'TD';
  } = {},
): string {
  const { labelOf = (node: Node) => node.id, direction = 'LR' } = options;
  const nameOf = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const lines = [`flowchart ${direction}`];
  for (const node of graph.nodes) lines.push(`  ${nameOf.get(node.id)}["${escapeLabel(labelOf(node))}"]`);
  for (const { id } of graph.nodes) {
    for (const dependency of graph.dependenciesOf(id)) {
      lines.push(`  ${nameOf.get(dependency)} --> ${nameOf.get(id)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Mermaid writes a character by its number as `#35;`; anything that could end or format a label is written so. */
function escapeLabel(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:/()_+-]/gu, (character) => `#${character.codePointAt(0)};`);
}
