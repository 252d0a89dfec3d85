import { setImmediate } from 'node:timers/promises';
import { createScheduler, createTaskGraph, runGraph } from '../src/index.ts';
import { PGraph, type DependencyList } from 'p-graph';
import { round } from './cpu-time.ts';
import { createNodes, type Shape } from './graphs.ts';

// node --conditions=@agentswarm/source --expose-gc packages/dag-engine/bench/memory.ts
// What a graph, its scheduler and a finished run hold beyond the nodes they were given, beside p-graph.
const SIZE = 1_000_000;
const SHAPES: readonly Shape[] = ['chain', 'fan', 'random'];

/** Bytes in use, when nothing is left that only the collector knows of. */
async function usedBytes(): Promise<number> {
  for (let pass = 0; pass < 3; pass += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes per node that stay while what was made is held. */
async function bytesPerNode(make: () => unknown): Promise<number> {
  const before = await usedBytes();
  const held = [await make()];
  const bytes = (await usedBytes()) - before;
  if (held.length !== 1) throw new Error('what is measured must be alive');
  return round(bytes / SIZE);
}

for (const shape of SHAPES) {
  const nodes = createNodes(shape, SIZE);
  const graph = createTaskGraph(nodes);
  const held = {
    graph: await bytesPerNode(() => createTaskGraph(nodes)),
    scheduler: await bytesPerNode(() => createScheduler(graph, { concurrency: 16 })),
    finishedRun: await bytesPerNode(async () => {
      const run = runGraph(graph, { concurrency: 16, run: () => undefined });
      await run.finished();
      return run;
    }),
    pGraph: await bytesPerNode(() => {
      const edges: DependencyList = [];
      for (const { id, dependsOn = [] } of nodes) for (const other of dependsOn) edges.push([other, id]);
      return new PGraph(new Map(nodes.map(({ id }) => [id, { run: async () => undefined }])), edges);
    }),
  };
  console.log(JSON.stringify({ shape, nodes: SIZE, bytesPerNode: held }));
}
