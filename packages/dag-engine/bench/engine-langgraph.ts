import { Engine, type DeterministicOp, type EngineEvent, type EngineOptions } from '../src/engine.ts';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMs, median, round } from './cpu-time.ts';
import {
  createManifests,
  createWorkflowNodes,
  expectedResult,
  type WorkflowShape,
} from './engine-workflow.ts';
import { compileLangGraph, LIBRARIES, STATE_KINDS, streamLangGraph, type Library } from './langgraph-run.ts';

// node --conditions=@agentswarm/source --expose-gc packages/dag-engine/bench/engine-langgraph.ts [NODES] [ours]
// The same nodes with the same results on the Agent Engine (history, events, artifacts, metrics and memory as they are
// by default, every event streamed to a plugin) and on LangGraph (memory saver, every update streamed), in turns, in
// one process. Loading manifests and compiling graphs are timed apart. LangGraph gets the state in which it is faster.
// `ours` leaves LangGraph out, for a profile: node --cpu-prof.
const NODES = Number(process.argv[2] ?? 1_000);
const ROUNDS = 5;
/** With one at a time, LangGraph ends in the middle of a fan. */
const THEIR_CONCURRENCY = 16;
const CONTESTANTS = process.argv[3] === 'ours' ? [] : Object.entries(LIBRARIES);

interface Times {
  readonly loadMs: number;
  readonly runMs: number;
}

const step: DeterministicOp = (_task, _node, { input }) => ({ output: 1 + Number(input) });
const sumUp: DeterministicOp = (_task, _node, { input }) => {
  const { merge_inputs: items } = input as { readonly merge_inputs: readonly { readonly output: number }[] };
  return { output: items.reduce((sum, { output }) => sum + output, 1) };
};

async function timeOurs(shape: WorkflowShape, checkpoint: 'never' | 'on_conclude'): Promise<Times> {
  const nodes = createWorkflowNodes(shape, NODES);
  const workspace = mkdtempSync(join(tmpdir(), 'agentswarm-bench-'));
  try {
    const configDir = join(workspace, 'config');
    mkdirSync(configDir);
    for (const [name, text] of createManifests(nodes)) writeFileSync(join(configDir, name), text);
    const history: EngineEvent[] = [];
    const options: EngineOptions = {
      checkpoint,
      deterministicOps: Object.fromEntries(nodes.map(({ id }) => [id, id === 'merge' ? sumUp : step])),
      plugins: [{ pluginId: 'history', onEvent: (event) => void history.push(event) }],
    };
    const loaded = await cpuMs(() => Engine.fromConfigDir(configDir, options));
    await using engine = loaded.result;
    const ran = await cpuMs(() => engine.run(0));
    const artifacts = engine.getArtifactStore().count();
    check('ours', nodes.length, ran.result.trace.length);
    check('ours', expectedResult(nodes), ran.result.output);
    check('artifacts', nodes.length, artifacts);
    check('events', engine.getEvents().length, history.length);
    return { loadMs: loaded.ms, runMs: ran.ms };
  } finally {
    rmSync(workspace, { recursive: true });
  }
}

async function timeTheirs(
  shape: WorkflowShape,
  library: Library,
  kind: (typeof STATE_KINDS)[number],
): Promise<Times> {
  const nodes = createWorkflowNodes(shape, NODES);
  const compiled = await cpuMs(() =>
    compileLangGraph({ library, nodes, kind, saver: new library.MemorySaver() }),
  );
  const ran = await cpuMs(() =>
    streamLangGraph(compiled.result, { nodes: NODES, concurrency: THEIR_CONCURRENCY }),
  );
  check('theirs', nodes.length, ran.result.length);
  const last = JSON.stringify(ran.result.at(-1));
  if (!last.includes(`:${expectedResult(nodes)}}`)) throw new Error(`the last update is ${last}`);
  return { loadMs: compiled.ms, runMs: ran.ms };
}

function check(what: string, expected: unknown, got: unknown): void {
  if (expected !== got) throw new Error(`${what}: ${String(got)} in place of ${String(expected)}`);
}

async function compare(shape: WorkflowShape): Promise<void> {
  const contestants: Readonly<Record<string, () => Promise<Times>>> = {
    ours: () => timeOurs(shape, 'never'),
    'ours with checkpoints': () => timeOurs(shape, 'on_conclude'),
    ...Object.fromEntries(
      CONTESTANTS.flatMap(([name, library]) =>
        STATE_KINDS.map((kind) => [`${name}, ${kind}`, () => timeTheirs(shape, library, kind)]),
      ),
    ),
  };
  const times = new Map<string, Times[]>(Object.keys(contestants).map((who) => [who, []]));
  // The first turn warms up.
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    for (const [who, work] of Object.entries(contestants)) {
      globalThis.gc?.();
      const measured = await work();
      if (turn > 0) times.get(who)?.push(measured);
    }
  }
  const medianOf = (who: string, key: keyof Times) =>
    round(median((times.get(who) ?? []).map((each) => each[key])));
  for (const who of times.keys()) {
    const [loadCpuMs, runCpuMs] = [medianOf(who, 'loadMs'), medianOf(who, 'runMs')];
    console.log(JSON.stringify({ shape, nodes: NODES, who, loadCpuMs, runCpuMs }));
  }
  for (const ours of ['ours', 'ours with checkpoints']) {
    for (const [name] of CONTESTANTS) {
      const best = Math.min(...STATE_KINDS.map((kind) => medianOf(`${name}, ${kind}`, 'runMs')));
      const speedup = round(best / medianOf(ours, 'runMs'));
      console.log(JSON.stringify({ shape, nodes: NODES, who: ours, against: name, speedup }));
    }
  }
}

for (const shape of ['chain', 'fan'] as const) await compare(shape);
