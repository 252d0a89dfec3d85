import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AggregateManifestError, DAGValidationError } from '../../src/engine/errors.ts';
import { Fields } from '../../src/engine/manifests/fields.ts';
import { FileReport } from '../../src/engine/manifests/file-report.ts';
import { parseWorkflow } from '../../src/engine/manifests/parse-workflow.ts';
import type { JsonObject } from '../../src/engine/model/json.ts';
import { createWorkflowGraph, type WorkflowGraph } from '../../src/engine/workflow/workflow-graph.ts';
import { edge, node } from './config-directory.ts';
import { problemsOf } from './load-errors.ts';
import {
  randomWorkflow,
  type ManifestEdge,
  type ManifestNode,
  type ManifestWorkflow,
} from './random-manifests.ts';

const DEEP = process.env['TEST_DEEP'] !== undefined;
const GRAPHS = DEEP ? 30_000 : 1500;
const DIRECTORIES = DEEP ? 1500 : 120;

/** Every path, walked one edge at a time: slow and obvious. */
function reachable({ edges }: ManifestWorkflow, from: string): ReadonlySet<string> {
  const reached = new Set([from]);
  for (let before = -1; before < reached.size;) {
    before = reached.size;
    for (const { from: source, to } of edges) if (reached.has(source)) reached.add(to);
  }
  return reached;
}

/** The merges that all children of a node reach, less those behind another one. */
function nearestMerges(workflow: ManifestWorkflow, id: string): readonly string[] {
  const heads = workflow.edges.filter(({ from }) => from === id).map(({ to }) => reachable(workflow, to));
  const merges = workflow.nodes.filter(({ role }) => role === 'merge').map((merge) => merge.id);
  const common = merges.filter((merge) => heads.every((head) => head.has(merge)));
  return common.filter(
    (merge) => !common.some((other) => other !== merge && reachable(workflow, other).has(merge)),
  );
}

const spawnersOf = ({ nodes }: ManifestWorkflow) =>
  nodes.filter(({ role }) => role === 'branch' || role === 'split').map(({ id }) => id);
const isAmbiguous = (workflow: ManifestWorkflow) =>
  spawnersOf(workflow).some((id) => nearestMerges(workflow, id).length > 1);

/** With an exit for every loose end, an end twice of one node goes to one place only once. */
function graphOf(workflow: ManifestWorkflow): WorkflowGraph {
  const report = new FileReport('workflow.yaml');
  const root = new Fields(JSON.parse(JSON.stringify(workflow)) as JsonObject, { path: '', report });
  const parsed = parseWorkflow(root, new Map());
  expect(report.errors).toEqual([]);
  return createWorkflowGraph(parsed.workflow);
}

describe('any workflow whose roles have their edges', () => {
  it('becomes a graph that answers as the slow and obvious way does, or has an ambiguous join', () => {
    fc.assert(
      fc.property(randomWorkflow, (workflow) => {
        const ambiguous = spawnersOf(workflow).filter((id) => nearestMerges(workflow, id).length > 1);
        if (ambiguous.length > 0) {
          expect(dagErrors(workflow).map(({ nodeId }) => nodeId)).toEqual(ambiguous);
          return;
        }
        const graph = graphOf(workflow);
        expect(graph.nodes.map(({ id }) => id)).toEqual(workflow.nodes.map(({ id }) => id));
        for (const { id } of workflow.nodes) {
          const reached = reachable(workflow, id);
          for (const other of workflow.nodes) expect(graph.reaches(id, other.id)).toBe(reached.has(other.id));
          expect(graph.outEdges(id).map(({ to }) => to)).toEqual(
            workflow.edges.filter(({ from }) => from === id).map(({ to }) => to),
          );
        }
        for (const id of spawnersOf(workflow)) {
          expect(graph.joinOf(id)).toBe(nearestMerges(workflow, id)[0] ?? null);
        }
      }),
      { numRuns: GRAPHS },
    );
  });

  it('joins where an ambiguous branch names one of the nearest merges, and nowhere else', () => {
    const ambiguous = randomWorkflow.filter(isAmbiguous);
    fc.assert(
      fc.property(ambiguous, fc.nat(), (workflow, choice) => {
        const named = new Map(
          spawnersOf(workflow).flatMap((id) => {
            const nearest = nearestMerges(workflow, id);
            const chosen = nearest[choice % nearest.length];
            return nearest.length > 1 && chosen !== undefined ? [[id, chosen]] : [];
          }),
        );
        const withJoins = (joins: ReadonlyMap<string, string>): ManifestWorkflow => ({
          ...workflow,
          nodes: workflow.nodes.map((each) => ({ ...each, join: joins.get(each.id) ?? null })),
        });
        const graph = graphOf(withJoins(named));
        for (const [id, merge] of named) expect(graph.joinOf(id)).toBe(merge);
        const wrong = withJoins(new Map([...named.keys()].map((id) => [id, 'start'])));
        expect(dagErrors(wrong).map(({ nodeId }) => nodeId)).toEqual([...named.keys()]);
      }),
      { numRuns: GRAPHS / 30 },
    );
  });
});

function dagErrors(workflow: ManifestWorkflow): readonly DAGValidationError[] {
  try {
    graphOf(workflow);
    return [];
  } catch (error) {
    const errors = error instanceof AggregateManifestError ? error.errors : [error];
    return errors.map((each) => {
      if (each instanceof DAGValidationError) return each;
      throw each;
    });
  }
}

/** Where an error is depends on the graph. */
const ANYWHERE = Symbol('anywhere');

interface Mutation {
  readonly workflow: ManifestWorkflow;
  readonly type: 'SchemaValidationError' | 'DAGValidationError';
  /** Where the error must be. */
  readonly at: string | null | typeof ANYWHERE;
}

type Mutate = (given: ManifestWorkflow, at: { readonly node: number; readonly edge: number }) => Mutation;

/** One node changed; where the error is follows from it. */
const changingNode =
  (
    type: Mutation['type'],
    change: (node: ManifestNode) => Readonly<Record<string, unknown>>,
    at: (node: ManifestNode, index: number) => string,
  ): Mutate =>
  (workflow, { node: index }) => {
    const nodes = workflow.nodes.map((each, place) =>
      place === index ? { ...each, ...change(each) } : each,
    );
    const changed = workflow.nodes[index] as ManifestNode;
    return { workflow: { ...workflow, nodes }, type, at: at(changed, index) };
  };

const byIndex = (_node: ManifestNode, index: number) => `nodes[${index}]`;
const byName = ({ id }: ManifestNode) => `nodes.${id}`;
const byId = ({ id }: ManifestNode) => id;
const withEdges = (
  workflow: ManifestWorkflow,
  edges: readonly ManifestEdge[],
  at: Mutation['at'],
): Mutation => ({ workflow: { ...workflow, edges }, type: 'DAGValidationError', at });

const MUTATIONS: Readonly<Record<string, Mutate>> = {
  'a role is missing': changingNode('SchemaValidationError', () => ({ role: null }), byIndex),
  'a role is unknown': changingNode('SchemaValidationError', () => ({ role: 'router' }), byIndex),
  'a kind is unknown': changingNode('SchemaValidationError', () => ({ kind: 'human' }), byIndex),
  'an id is missing': changingNode('SchemaValidationError', () => ({ id: null }), byIndex),
  'a context is missing': changingNode('SchemaValidationError', () => ({ context: null }), byIndex),
  'a flag is text': changingNode('SchemaValidationError', () => ({ continue_on_failure: 'no' }), byIndex),
  'a profile is unknown': changingNode('SchemaValidationError', () => ({ context: 'ghost' }), byName),
  'a tool is unknown': changingNode('SchemaValidationError', () => ({ tools: ['ghost'] }), byName),
  'a schema is unknown': changingNode('SchemaValidationError', () => ({ schema_in: 'ghost' }), byName),
  'a failure mode is unknown': changingNode(
    'SchemaValidationError',
    () => ({ merge_failure_mode: 'x' }),
    byName,
  ),
  'an agent is unknown': changingNode(
    'SchemaValidationError',
    () => ({ kind: 'agent', agent_id: 'ghost' }),
    byName,
  ),
  'an agent is not named': changingNode('DAGValidationError', () => ({ kind: 'agent' }), byId),
  'an id is used twice': (workflow, { node: index }) => {
    const twin = workflow.nodes[index] as ManifestNode;
    return {
      workflow: { ...workflow, nodes: [...workflow.nodes, twin] },
      type: 'SchemaValidationError',
      at: byName(twin),
    };
  },
  'an edge leads nowhere': (workflow, { edge: index }) =>
    withEdges(
      workflow,
      workflow.edges.map((each, place) => (place === index ? { ...each, to: 'ghost' } : each)),
      'ghost',
    ),
  'an edge is missing': (workflow, { edge: index }) =>
    withEdges(workflow, workflow.edges.toSpliced(index, 1), ANYWHERE),
  'an edge goes back': (workflow, { edge: index }) => {
    const { from, to } = workflow.edges[index] as ManifestEdge;
    return withEdges(workflow, [...workflow.edges, edge(`${to}>${from}:back`)], ANYWHERE);
  },
  'nobody is the default start': (workflow) => ({
    workflow: { ...workflow, nodes: workflow.nodes.map((each) => ({ ...each, default_start: false })) },
    type: 'DAGValidationError',
    at: null,
  }),
  'a node is an island': (workflow) => ({
    workflow: { ...workflow, nodes: [...workflow.nodes, node('island', 'linear')] },
    type: 'DAGValidationError',
    at: 'island',
  }),
};

describe('a workflow in a directory', () => {
  const clear = randomWorkflow.filter((workflow) => !isAmbiguous(workflow));

  it('loads when nothing is wrong with it', async () => {
    await fc.assert(
      fc.asyncProperty(clear, async (workflow) => {
        expect(await problemsOf({ 'workflow.yaml': workflow })).toEqual([]);
      }),
      { numRuns: DIRECTORIES },
    );
  });

  it.for(Object.entries(MUTATIONS))('does not load when %s', async ([, mutate]) => {
    await fc.assert(
      fc.asyncProperty(clear, fc.nat(), fc.nat(), async (workflow, anyNode, anyEdge) => {
        const mutation = mutate(workflow, {
          node: anyNode % workflow.nodes.length,
          edge: anyEdge % workflow.edges.length,
        });
        const problems = await problemsOf({ 'workflow.yaml': mutation.workflow });
        expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['workflow.yaml']));
        const places = problems.filter(({ type }) => type === mutation.type).map(({ at }) => at);
        if (mutation.at === ANYWHERE) expect(places).not.toEqual([]);
        else expect(places).toContain(mutation.at);
      }),
      { numRuns: Math.ceil(DIRECTORIES / 12) },
    );
  });
});
