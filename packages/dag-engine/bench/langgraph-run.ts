import type { TaskNode } from '../src/index.ts';
import type { BaseCheckpointSaver } from '@langchain/langgraph';

/** What is used of LangGraph: names of nodes and channels are types there, which a loop cannot give. */
export interface Library {
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
  addEdge(from: string | readonly string[], to: string): unknown;
  compile(options: { checkpointer: BaseCheckpointSaver }): App;
}

interface App {
  stream(input: object, options: object): Promise<AsyncIterable<Readonly<Record<string, unknown>>>>;
}

/** The two ways to keep the results of nodes in the state: one channel per node, or one for all. */
export type StateKind = 'channel per node' | 'one channel';
export const STATE_KINDS: readonly StateKind[] = ['channel per node', 'one channel'];

/** The versions differ in types we do not use. */
const load = (name: string) => import(name) as Promise<Library>;

export const LIBRARIES: Readonly<Record<string, Library>> = {
  'langgraph 1.3': await load('@langchain/langgraph-1.3'),
  'langgraph 1.4': await load('@langchain/langgraph'),
};

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

export interface LangGraphSetup {
  readonly library: Library;
  readonly nodes: readonly TaskNode[];
  readonly kind: StateKind;
  readonly saver: BaseCheckpointSaver;
}

/** A graph whose nodes give one more than the sum of what they depend on. */
export function compileLangGraph({ library, nodes, kind, saver }: LangGraphSetup): App {
  const ids = nodes.map(({ id }) => id);
  const graph = new library.StateGraph(createState(library, ids, kind));
  const { read, write } = ACCESS[kind];
  const depended = new Set(nodes.flatMap(({ dependsOn = [] }) => dependsOn));
  for (const { id, dependsOn = [] } of nodes) {
    graph.addNode(id, async (state) => {
      let result = 1;
      for (const other of dependsOn) result += read(state, other) ?? 0;
      return write(id, result);
    });
  }
  for (const { id, dependsOn = [] } of nodes) {
    const [first = library.START] = dependsOn;
    graph.addEdge(dependsOn.length > 1 ? dependsOn : first, id);
  }
  for (const id of ids) if (!depended.has(id)) graph.addEdge(id, library.END);
  return graph.compile({ checkpointer: saver });
}

/** Runs it from start to end and gives every update it streamed, one per node. */
export async function streamLangGraph(
  app: App,
  limits: { readonly nodes: number; readonly concurrency: number },
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const history: Readonly<Record<string, unknown>>[] = [];
  const options = {
    streamMode: 'updates' as const,
    configurable: { thread_id: '1' },
    recursionLimit: limits.nodes + 10,
    maxConcurrency: limits.concurrency,
    durability: 'async' as const,
  };
  for await (const update of await app.stream({}, options)) history.push(update);
  return history;
}
