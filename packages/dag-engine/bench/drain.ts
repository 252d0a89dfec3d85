import { createTaskGraph, runGraph, type TaskNode } from '../src/index.ts';
import { PGraph, type DependencyList } from 'p-graph';
import { cpuMs, median, round } from './cpu-time.ts';
import { createNodes, type Shape } from './graphs.ts';

// node --conditions=@agentswarm/source --expose-gc packages/dag-engine/bench/drain.ts [MAX_NODES]
// Drains graphs with the same async no-op and the same concurrency as p-graph, in turns, in one process.
const CONCURRENCY = 16;
const SHAPES: readonly Shape[] = ['chain', 'fan', 'random'];
const SIZES = [1_000, 10_000, 100_000, 1_000_000].filter(
  (size) => size <= Number(process.argv[2] ?? Infinity),
);
/** Small graphs are drained often enough to be measured at all. */
const NODES_PER_ROUND = 100_000;
const ROUNDS = 5;

const noop = async () => undefined;

interface Times {
  readonly constructMs: number;
  readonly drainMs: number;
}

async function measureOurs(nodes: readonly TaskNode[], repeats: number): Promise<Times> {
  let constructMs = 0;
  let drainMs = 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const made = await cpuMs(() => createTaskGraph(nodes));
    const drained = await cpuMs(() =>
      runGraph(made.result, { concurrency: CONCURRENCY, run: noop }).finished(),
    );
    if (drained.result.counts.complete !== nodes.length) throw new Error('not every node has run');
    constructMs += made.ms;
    drainMs += drained.ms;
  }
  return { constructMs: constructMs / repeats, drainMs: drainMs / repeats };
}

async function measurePGraph(nodes: readonly TaskNode[], repeats: number): Promise<Times> {
  let constructMs = 0;
  let drainMs = 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const made = await cpuMs(() => {
      const map = new Map(nodes.map(({ id }) => [id, { run: noop }]));
      const edges: DependencyList = [];
      for (const { id, dependsOn = [] } of nodes) for (const other of dependsOn) edges.push([other, id]);
      return new PGraph(map, edges);
    });
    const drained = await cpuMs(() => made.result.run({ concurrency: CONCURRENCY }));
    constructMs += made.ms;
    drainMs += drained.ms;
  }
  return { constructMs: constructMs / repeats, drainMs: drainMs / repeats };
}

async function compare(shape: Shape, size: number) {
  const nodes = createNodes(shape, size);
  const repeats = Math.max(1, NODES_PER_ROUND / size);
  const ours: Times[] = [];
  const theirs: Times[] = [];
  for (let done = 0; done < ROUNDS; done += 1) {
    globalThis.gc?.();
    ours.push(await measureOurs(nodes, repeats));
    globalThis.gc?.();
    theirs.push(await measurePGraph(nodes, repeats));
  }
  const nsPerNode = (times: readonly Times[], key: keyof Times) =>
    round((median(times.map((time) => time[key])) * 1e6) / size);
  const drain = { ours: nsPerNode(ours, 'drainMs'), pGraph: nsPerNode(theirs, 'drainMs') };
  const construct = { ours: nsPerNode(ours, 'constructMs'), pGraph: nsPerNode(theirs, 'constructMs') };
  return {
    shape,
    nodes: size,
    drainNsPerNode: drain,
    drainSpeedup: round(drain.pGraph / drain.ours),
    constructNsPerNode: construct,
    constructSpeedup: round(construct.pGraph / construct.ours),
  };
}

for (const shape of SHAPES) await compare(shape, 1_000);
const results: Awaited<ReturnType<typeof compare>>[] = [];
for (const shape of SHAPES) {
  for (const size of SIZES) {
    const result = await compare(shape, size);
    results.push(result);
    console.log(JSON.stringify(result));
  }
}
for (const shape of SHAPES) {
  const at = (size: number) =>
    results.find((result) => result.shape === shape && result.nodes === size)?.drainNsPerNode.ours ?? NaN;
  console.log(JSON.stringify({ shape, drainPerNodeAt1MTo10k: round(at(1_000_000) / at(10_000)) }));
}
