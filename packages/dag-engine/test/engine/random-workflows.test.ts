import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWorkflowGraph } from '../../src/engine/workflow/workflow-graph.ts';
import { Fields } from '../../src/engine/manifests/fields.ts';
import { FileReport } from '../../src/engine/manifests/file-report.ts';
import { parseWorkflow } from '../../src/engine/manifests/parse-workflow.ts';
import type { JsonObject } from '../../src/engine/model/json.ts';
import { edge, node } from './config-directory.ts';
import { randomWorkflow, type ManifestWorkflow } from './random-manifests.ts';
import { workflowShape, type Shape } from './random-workflow.ts';

const SAMPLE = 1000;

/** What properties over random workflows are about: numbers per thousand workflows. */
function statisticsOf(workflows: readonly ManifestWorkflow[]) {
  const joins = workflows.map(joinsOf);
  const having = (has: (workflow: ManifestWorkflow, index: number) => boolean) =>
    workflows.filter(has).length;
  const withRole = (role: string) => (workflow: ManifestWorkflow) => countOf(workflow, role) > 0;
  return {
    distinct: new Set(workflows.map((workflow) => JSON.stringify(workflow))).size,
    large: having(({ nodes }) => nodes.length >= 10),
    decision: having(withRole('decision')),
    branch: having(withRole('branch')),
    split: having(withRole('split')),
    merge: having(withRole('merge')),
    severalExits: having((workflow) => countOf(workflow, 'exit') > 1),
    severalSpawners: having((workflow) => countOf(workflow, 'branch') + countOf(workflow, 'split') > 1),
    joined: having((_, index) => joins[index]?.some((join) => typeof join === 'string') === true),
    endingApart: having((_, index) => joins[index]?.includes(null) === true),
    ambiguous: having((_, index) => joins[index] === null),
  };
}

function countOf({ nodes }: ManifestWorkflow, role: string): number {
  return nodes.filter((each) => each.role === role).length;
}

/** Where each branch and split joins; `null` when the workflow is refused because that is ambiguous. */
function joinsOf(workflow: ManifestWorkflow): readonly (string | null)[] | null {
  const report = new FileReport('workflow.yaml');
  const root = new Fields(JSON.parse(JSON.stringify(workflow)) as JsonObject, { path: '', report });
  const parsed = parseWorkflow(root, new Map());
  try {
    const graph = createWorkflowGraph(parsed.workflow);
    return graph.nodes
      .filter(({ role }) => role === 'branch' || role === 'split')
      .map(({ id }) => graph.joinOf(id));
  } catch (error) {
    expect(String(error)).toContain('ambiguous join');
    return null;
  }
}

function workflowOf({ nodes, edges }: Shape): ManifestWorkflow {
  return {
    nodes: nodes.map(([id, role]) => node(id, role, role === 'start' ? { default_start: true } : {})),
    edges: edges.map(([from, to]) => edge(`${from}>${to}`)),
  };
}

it.for([
  ['manifests', randomWorkflow],
  ['runs', workflowShape.map(workflowOf)],
] as const)('random workflows of %s are many, and of every kind', ([, workflows]) => {
  const statistics = statisticsOf(fc.sample(workflows, { numRuns: SAMPLE, seed: 1 }));
  const tooFew = Object.entries(statistics).filter(([kind, count]) => count < (LEAST[kind] ?? 300));
  expect(tooFew, JSON.stringify(statistics)).toEqual([]);
});

/** Of a thousand. */
const LEAST: Readonly<Record<string, number>> = { distinct: 600, joined: 150, ambiguous: 1 };
