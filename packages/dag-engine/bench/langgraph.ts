import { createTaskGraph, runGraph, type GraphEvent } from '../src/index.ts';
import { openSqliteLog } from '@agentswarm/journal';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMs, median, round } from './cpu-time.ts';
import { createNodes, type Shape } from './graphs.ts';
import {
  compileLangGraph,
  LIBRARIES,
  STATE_KINDS,
  streamLangGraph,
  type Library,
  type StateKind,
} from './langgraph-run.ts';
import { SqliteSaver } from './sqlite-saver.ts';

// node --conditions=@agentswarm/source --expose-gc packages/dag-engine/bench/langgraph.ts [NODES]
// The same nodes with the same results, each reading what it depends on, every event streamed and kept; in turns, in
// one process. LangGraph gets the state in which it is faster: one channel per node, or one for all.
const NODES = Number(process.argv[2] ?? 1_000);
const ROUNDS = 5;
const CONCURRENCY = 16;

async function runOurs(shape: Shape, path?: string): Promise<number> {
  const graph = createTaskGraph(createNodes(shape, NODES));
  using log = path === undefined ? undefined : openSqliteLog({ path });
  const history: GraphEvent<number>[] = [];
  const run = runGraph<(typeof graph.nodes)[number], number>(graph, {
    concurrency: CONCURRENCY,
    run: async ({ dependsOn: [first] = [] }, { resultOf }) =>
      1 + (first === undefined ? 0 : (resultOf(first) ?? 0)),
    ...(log === undefined ? {} : { journal: log }),
  });
  for await (const event of run) history.push(event);
  return history.filter(({ type }) => type === 'node_completed').length;
}

interface TheirRun {
  readonly library: Library;
  readonly shape: Shape;
  readonly kind: StateKind;
  readonly path: string | undefined;
}

async function runTheirs({ library, shape, kind, path }: TheirRun): Promise<number> {
  const saver = path === undefined ? new library.MemorySaver() : new SqliteSaver(path);
  const app = compileLangGraph({ library, nodes: createNodes(shape, NODES), kind, saver });
  const history = await streamLangGraph(app, { nodes: NODES, concurrency: CONCURRENCY });
  if (saver instanceof SqliteSaver) saver.close();
  return history.length;
}

async function timed(work: (path: string) => Promise<number>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'agentswarm-bench-'));
  try {
    globalThis.gc?.();
    const { ms, result } = await cpuMs(() => work(join(folder, 'run.db')));
    if (result !== NODES) throw new Error(`${result} of ${NODES} nodes have run`);
    return ms;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Comparison {
  readonly shape: Shape;
  readonly storage: 'memory' | 'sqlite';
  readonly against: string;
  readonly library: Library;
}

async function compare({ shape, storage, against, library }: Comparison): Promise<void> {
  const at = (path: string) => (storage === 'sqlite' ? path : undefined);
  const contestants: Readonly<Record<string, (path: string) => Promise<number>>> = {
    ours: (path) => runOurs(shape, at(path)),
    ...Object.fromEntries(
      STATE_KINDS.map((kind) => [
        kind,
        (path: string) => runTheirs({ library, shape, kind, path: at(path) }),
      ]),
    ),
  };
  const times = new Map<string, number[]>(Object.keys(contestants).map((who) => [who, []]));
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    for (const [who, work] of Object.entries(contestants)) {
      const ms = await timed(work);
      // The first turn warms up.
      if (turn > 0) times.get(who)?.push(ms);
    }
  }
  const ms = Object.fromEntries([...times].map(([who, all]) => [who, round(median(all))]));
  const best = Math.min(...STATE_KINDS.map((kind) => ms[kind] ?? Infinity));
  const speedup = round(best / (ms['ours'] ?? Number.NaN));
  console.log(JSON.stringify({ shape, nodes: NODES, storage, against, cpuMs: ms, speedup }));
}

for (const shape of ['chain', 'fan'] as const) {
  for (const storage of ['memory', 'sqlite'] as const) {
    for (const [against, library] of Object.entries(LIBRARIES)) {
      await compare({ shape, storage, against, library });
    }
  }
}
