import type { TaskGraph } from '../task-graph.ts';
import { parseCondition, referencesOf } from './condition/parse-condition.ts';
import type { DecisionNode, FlowNode, FlowValue } from './flow-node.ts';
import type { FlowTask } from './flow-task.ts';
import type { Reference } from './reference.ts';
import { parseTemplate } from './template.ts';

/** What a node is checked against. */
export interface FlowCheck {
  readonly byId: ReadonlyMap<string, FlowNode>;
  /** Undefined when the nodes make no graph: what comes before a node is not known then. */
  readonly graph: TaskGraph<FlowTask> | undefined;
  readonly hasSkill: (name: string) => boolean;
}

/** What is wrong with a node, apart from its form and its place in the graph. */
export function checkNode(node: FlowNode, check: FlowCheck): readonly string[] {
  const problems = problemsOf(node, check);
  return problems.map((problem) => `"${node.id}": ${problem}`);
}

function problemsOf(node: FlowNode, check: FlowCheck): readonly string[] {
  switch (node.action) {
    case 'skill': {
      const isKnown = node.skill_source === 'draft' || check.hasSkill(node.skill_name);
      const unknown = isKnown ? [] : [`there is no skill "${node.skill_name}"`];
      return [...unknown, ...stringsIn(node.skill_args).flatMap((text) => checkText(text, node, check))];
    }
    case 'llm_call':
      return checkText(node.prompt_template, node, check);
    case 'decision':
      return [...checkBranches(node, check), ...checkCondition(node, check)];
  }
}

function checkBranches(node: DecisionNode, { byId }: FlowCheck): readonly string[] {
  const problems = [node.if_true, node.if_false].flatMap((branch) => {
    const target = byId.get(branch);
    if (target === undefined) return [`branch "${branch}" does not exist`];
    return target.depends_on.includes(node.id) ? [] : [`branch "${branch}" does not depend on it`];
  });
  return node.if_true === node.if_false ? [...problems, 'both branches are the same'] : problems;
}

function checkCondition(node: DecisionNode, check: FlowCheck): readonly string[] {
  const parsed = parseCondition(node.condition);
  if ('problem' in parsed) return [`condition "${node.condition}": ${parsed.problem}`];
  return referencesOf(parsed.expression).flatMap((reference) => {
    if (reference !== undefined) return checkReference(reference, node, check);
    const { length } = node.depends_on;
    return length === 1 ? [] : [`its condition names no node, and it depends on ${length}`];
  });
}

function checkText(text: string, node: FlowNode, check: FlowCheck): readonly string[] {
  const { parts, malformed } = parseTemplate(text);
  const references = parts.filter((part) => typeof part !== 'string');
  return [
    ...malformed.map((braces) => `${braces} is no reference; braces are written {{ and }}`),
    ...references.flatMap((reference) => checkReference(reference, node, check)),
  ];
}

function checkReference({ id }: Reference, node: FlowNode, { byId, graph }: FlowCheck): readonly string[] {
  if (!byId.has(id)) return [`{${id}} refers to a node that does not exist`];
  if (graph === undefined || comesBefore(graph, id, node.id)) return [];
  return [`{${id}} refers to a node that does not come before it`];
}

function comesBefore(graph: TaskGraph<FlowTask>, earlier: string, later: string): boolean {
  const seen = new Set<string>();
  const open = [...graph.dependenciesOf(later)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === earlier) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...graph.dependenciesOf(id));
  }
  return false;
}

function stringsIn(value: FlowValue): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
