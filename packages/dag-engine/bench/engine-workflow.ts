import type { TaskNode } from '../src/index.ts';

/** A straight line, or a BRANCH whose clones run one node each and join at a MERGE. */
export type WorkflowShape = 'chain' | 'fan';

/** Nodes of a workflow with what they depend on: `start` first, `exit` last. */
export function createWorkflowNodes(shape: WorkflowShape, count: number): readonly TaskNode[] {
  const steps = Array.from({ length: count - 2 }, (_, index) => `n${index}`);
  if (shape === 'chain') {
    const ids = ['start', ...steps, 'exit'];
    return ids.map((id, index) => ({ id, dependsOn: ids.slice(Math.max(0, index - 1), index) }));
  }
  const arms = steps.slice(2);
  return [
    { id: 'start', dependsOn: [] },
    { id: 'branch', dependsOn: ['start'] },
    ...arms.map((id) => ({ id, dependsOn: ['branch'] })),
    { id: 'merge', dependsOn: arms },
    { id: 'exit', dependsOn: ['merge'] },
  ];
}

/** What the last node gives when each gives one more than the sum of what it depends on. */
export function expectedResult(nodes: readonly TaskNode[]): number {
  const results = new Map<string, number>();
  let last = 0;
  for (const { id, dependsOn = [] } of nodes) {
    last = dependsOn.reduce((sum, other) => sum + (results.get(other) ?? 0), 1);
    results.set(id, last);
  }
  return last;
}

/** The files of a configuration directory with these nodes, all deterministic. JSON is YAML. */
export function createManifests(nodes: readonly TaskNode[]): ReadonlyMap<string, string> {
  const roles = new Map([
    ['start', { role: 'start', default_start: true }],
    ['branch', { role: 'branch' }],
    ['merge', { role: 'merge' }],
    ['exit', { role: 'exit' }],
  ]);
  const workflow = {
    nodes: nodes.map(({ id }) => ({
      id,
      kind: 'deterministic',
      context: 'none',
      ...(roles.get(id) ?? { role: 'linear' }),
    })),
    edges: nodes.flatMap(({ id, dependsOn = [] }) => dependsOn.map((from) => ({ from, to: id }))),
  };
  return new Map([
    ['workflow.yaml', JSON.stringify(workflow)],
    ['agents.yaml', '{"agents": []}'],
    ['tools.yaml', '{"tools": []}'],
  ]);
}
