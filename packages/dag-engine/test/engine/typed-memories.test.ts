import { expect, it } from 'vitest';
import type { DeterministicOp, Engine, NodeContext, RunResult } from '../../src/engine.ts';
import { textOf } from '../../src/engine/model/json.ts';
import { node, workflow } from './config-directory.ts';
import { openEngine } from './open-engine.ts';

const NOTE_THEN_EXIT = {
  'workflow.yaml': workflow(
    [node('start', 'start', { default_start: true }), node('note', 'linear'), node('exit', 'exit')],
    ['start>note', 'note>exit'],
  ),
};
const PERSISTENT = {
  ...NOTE_THEN_EXIT,
  'memory.yaml': {
    memory: Object.fromEntries(['task', 'project', 'global'].map((s) => [`${s}_store`, { backend: 'file' }])),
  },
};

const textsOf = (items: readonly { readonly payload: unknown }[]) =>
  items.map(({ payload }) => (payload as { readonly text: string }).text);

/** A node that remembers something in all three memories. */
const noting: DeterministicOp = async ({ spec }, { id }, { memory }) => {
  const about = textOf(spec.request);
  await memory.task.addReasoning(`because of ${about}`, id);
  await memory.project.addDecision({ text: `decided ${about}` });
  await memory.global.addPreference({ text: `prefer ${about}`, category: 'style' });
  return { output: (await memory.task.getStageOutputs()).map(({ source }) => source) };
};

const persistedBy = (engine: Engine, { task_id }: RunResult) =>
  engine
    .getEventsByTask(task_id)
    .filter(({ name }) => name === 'memory_persisted')
    .map(({ payload }) => payload['store']);

it('a deterministic node remembers for its task, its project and everyone, and its engine reads it', async () => {
  await using opened = await openEngine(PERSISTENT, { deterministicOps: { note: noting } });
  const { engine } = opened;
  const shop = await engine.run('shop', undefined, { metadata: { project_id: 'shop' } });
  const plain = await engine.run('plain');
  expect([shop, plain].map(({ output }) => output)).toEqual([['start'], ['start']]);
  expect(persistedBy(engine, shop)).toEqual(['task', 'task', 'project', 'global', 'task', 'task']);
  expect(textsOf(await engine.getProjectMemory('shop').queryDecisions())).toEqual(['decided shop']);
  expect(textsOf(await engine.getProjectMemory().queryDecisions())).toEqual(['decided plain']);
  const preferences = await engine.getGlobalMemory().queryPreferences('style');
  expect(textsOf(preferences)).toEqual(['prefer plain', 'prefer shop']);
  const outputs = await engine.getTaskMemory(shop.task_id).getStageOutputs();
  expect(outputs.map(({ source }) => source)).toEqual(['start', 'note', 'exit']);
});

it('what is remembered from outside is redacted, owned and told, and a task must exist', async () => {
  await using opened = await openEngine(
    {
      ...PERSISTENT,
      'provider_credentials.yaml': {
        provider_credentials: [
          { id: 'key', provider: 'p', auth: { type: 'api_key', source: 'env', env_var: 'KEY' } },
        ],
      },
    },
    { env: { KEY: 'canary-1234' } },
  );
  const { engine } = opened;
  const { task_id } = await engine.run('x');
  engine.clearEvents();
  const kept = [
    await engine.getTaskMemory(task_id).addToolOutput('read', 'says canary-1234'),
    await engine.getProjectMemory('shop').addFailure({ text: 'canary-1234 expired', code: 'auth' }),
    await engine.getGlobalMemory().addPattern({ text: 'no canary-1234' }),
  ];
  expect(kept.map(({ task_id: task, project_id }) => [task, project_id])).toEqual([
    [task_id, 'default'],
    [null, 'shop'],
    [null, null],
  ]);
  expect(engine.getEvents().map(({ name, task_id: task }) => [name, task])).toEqual([
    ['memory_persisted', task_id],
    ['memory_persisted', null],
    ['memory_persisted', null],
  ]);
  expect(JSON.stringify([kept, engine.getEvents()])).not.toContain('canary');
  expect(() => engine.getTaskMemory('no canary-1234')).toThrow('task "no ***" not found');
});

it('asks before a node adds a preference or clears what everyone shares', async () => {
  const asked: string[] = [];
  const changing: DeterministicOp = async (_task, _node, { memory }) => ({
    output: [await memory.global.addPreference({ text: 'tabs' }), await memory.global.clearAll()],
  });
  await using opened = await openEngine(NOTE_THEN_EXIT, {
    deterministicOps: { note: changing },
    confirmMemory: (what) => (asked.push(what), false),
  });
  expect((await opened.engine.run('x')).output).toEqual([null, false]);
  expect(asked).toEqual(['remember the preference: tabs', 'clear the global memory']);
  expect(await opened.engine.getGlobalMemory().clearAll()).toBe(false);
});

it('a node that has ended adds nothing more', async () => {
  const left: NodeContext[] = [];
  const leaving: DeterministicOp = (_task, _node, context) => (left.push(context), { output: null });
  await using opened = await openEngine(NOTE_THEN_EXIT, { deterministicOps: { note: leaving } });
  await opened.engine.run('x');
  const late = left[0]!.memory.project.addDecision({ text: 'too late' });
  await expect(late).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  expect(await opened.engine.getMemoryStore('project').count()).toBe(0);
});

it('ids and times of what a node remembers are those of its run, whatever runs beside it', async () => {
  const remembered = async (others: number) => {
    await using opened = await openEngine(NOTE_THEN_EXIT, { deterministicOps: { note: noting } });
    const { engine } = opened;
    const runs = Array.from({ length: 1 + others }, (_, index) =>
      engine.run(index, undefined, { metadata: { project_id: `p${index}` } }),
    );
    await Promise.all(runs);
    return await engine.getProjectMemory('p0').queryDecisions();
  };
  const alone = await remembered(0);
  expect(alone).toHaveLength(1);
  expect(await remembered(3)).toEqual(alone);
});

it.each(['in_memory', 'file', 'sqlite'])(
  'what a task remembers in a bounded %s store does not depend on runs beside it',
  async (backend) => {
    const steps = ['one', 'two', 'three', 'four'];
    const nodes = [
      node('start', 'start', { default_start: true }),
      ...steps.map((id) => node(id, 'linear')),
      node('exit', 'exit'),
    ];
    const edges = ['start', ...steps].map((from, index) => `${from}>${steps[index] ?? 'exit'}`);
    const recalling: DeterministicOp = async (_task, _node, { memory }) => ({
      output: (await memory.task.getStageOutputs()).map(({ source }) => source),
    });
    await using opened = await openEngine(
      {
        'workflow.yaml': workflow(nodes, edges),
        'memory.yaml': { memory: { task_store: { backend, retention: { max_items: 3 } } } },
        'scheduler.yaml': { scheduler: { max_concurrency: 4 } },
      },
      { deterministicOps: { four: recalling } },
    );
    for (let index = 0; index < 4; index += 1) opened.engine.enqueue(index);
    const results = await opened.engine.runQueued();
    expect(results.map(({ output }) => output)).toEqual(Array(4).fill(['one', 'two', 'three']));
  },
);
