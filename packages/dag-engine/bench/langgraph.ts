import { createTaskGraph, runGraph, type GraphEvent } from '../src/index.ts';
import { openSqliteLog } from '@agentswarm/journal';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BaseCheckpointSaver } from '@langchain/langgraph';
import { cpuMs, median, round } from './cpu-time.ts';
import { createNodes, type Shape } from './graphs.ts';
import { SqliteSaver } from './sqlite-saver.ts';

// node --conditions=@agentswarm/source --expose-gc packages/dag-engine/bench/langgraph.ts [NODES]
// The same nodes with the same results, each reading what it depends on, every event streamed and kept; in turns, in
// one process. LangGraph gets the state in which it is faster: one channel per node, or one for all.
const NODES = Number(process.argv[2] ?? 1_000);
const ROUNDS = 5;
const CONCURRENCY = 16;

/** What is used of LangGraph: names of nodes and channels are types there, which a loop cannot give. */
interface Library {
  readonly START: string;
  readonly END: string;
  readonly MemorySaver: new () => BaseCheckpointSaver;
  readonly StateGraph: new (state: unknown) => Builder;
  readonly Annotation: {
    (channel?: { reducer: (a: object, b: object) => object; default: () => object }): unknown;
    Root(channels: Readonly<Record<string, unknown>>): unknown;
  };
}

interface Builder {
  addNode(name: string, run: (state: Record<string, unknown>) => Promise<object>): unknown;
  addEdge(from: string, to: string): unknown;
  compile(options: { checkpointer: BaseCheckpointSaver }): {
    stream(input: object, options: object): Promise<AsyncIterable<unknown>>;
  };
}

type StateKind = 'channel per node' | 'one channel';

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

/** How a node reads and writes a result in the state. */
interface StateAccess {
  readonly read: (state: Record<string, unknown>, id: string) => number | undefined;
  readonly write: (id: string, result: number) => object;
}

const ACCESS: Readonly<Record<StateKind, StateAccess>> = {
  'channel per node': {
    read: (state, id) => state[`r${id}`] as number | undefined,
    write: (id, result) => ({ [`r${id}`]: result }),
  },
  'one channel': {
    read: (state, id) => (state['results'] as Record<string, number>)[id],
    write: (id, result) => ({ results: { [id]: result } }),
  },
};

function createState({ Annotation }: Library, ids: readonly string[], kind: StateKind): unknown {
  if (kind === 'channel per node') {
    return Annotation.Root(Object.fromEntries(ids.map((id) => [`r${id}`, Annotation()])));
  }
  return Annotation.Root({
    results: Annotation({ reducer: (a, b) => ({ ...a, ...b }), default: () => ({}) }),
  });
}

function createTheirGraph({ library, shape, kind }: Omit<TheirRun, 'path'>) {
  const nodes = createNodes(shape, NODES);
  const ids = nodes.map(({ id }) => id);
  const graph = new library.StateGraph(createState(library, ids, kind));
  const { read, write } = ACCESS[kind];
  for (const { id, dependsOn: [first] = [] } of nodes) {
    const before = (state: Record<string, unknown>) => (first === undefined ? undefined : read(state, first));
    graph.addNode(id, async (state) => write(id, 1 + (before(state) ?? 0)));
  }
  for (const { id, dependsOn: [first = library.START] = [] } of nodes) graph.addEdge(first, id);
  for (const id of shape === 'chain' ? ids.slice(-1) : ids.slice(1)) graph.addEdge(id, library.END);
  return graph;
}

interface TheirRun {
  readonly library: Library;
  readonly shape: Shape;
  readonly kind: StateKind;
  readonly path: string | undefined;
}

async function runTheirs({ path, ...of }: TheirRun): Promise<number> {
  const { MemorySaver } = of.library;
  const saver = path === undefined ? new MemorySaver() : new SqliteSaver(path);
  const app = createTheirGraph(of).compile({ checkpointer: saver });
  const history: unknown[] = [];
  const options = {
    streamMode: 'updates' as const,
    configurable: { thread_id: '1' },
    recursionLimit: NODES + 10,
    maxConcurrency: CONCURRENCY,
    durability: 'async' as const,
  };
  for await (const update of await app.stream({}, options)) history.push(update);
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

/** The versions differ in types we do not use. */
const load = (name: string) => import(name) as Promise<Library>;

const LIBRARIES: Readonly<Record<string, Library>> = {
  'langgraph 1.3': await load('@langchain/langgraph-1.3'),
  'langgraph 1.4': await load('@langchain/langgraph'),
};
const KINDS: readonly StateKind[] = ['channel per node', 'one channel'];

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
      KINDS.map((kind) => [kind, (path: string) => runTheirs({ library, shape, kind, path: at(path) })]),
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
  const best = Math.min(...KINDS.map((kind) => ms[kind] ?? Infinity));
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
