import { expect, it } from 'vitest';
import type { ContextProfile, ContextProfileSource } from '../model/context.ts';
import type { Occurrence } from '../model/engine-event.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import { createPolicy } from '../policy/policy.ts';
import { createContextAssembler, type AssembledContext } from './context-assembler.ts';
import { selectUnservedProfiles } from './context-profiles.ts';
import type { RememberingTask } from './gather-items.ts';
import { createGlobalMemory } from './global-memory.ts';
import { InMemoryStore } from './in-memory-store.ts';
import { MemoryWriter, ownerOf } from './memory-writer.ts';
import { createProjectMemory } from './project-memory.ts';
import { createTaskMemory } from './task-memory.ts';

function source(
  store: ContextProfileSource['store'],
  fields: Partial<ContextProfileSource> = {},
): ContextProfileSource {
  return { store, tags: [], inherit: false, ...fields };
}

function profile(id: string, fields: Partial<ContextProfile> = {}): ContextProfile {
  const sources = [source('task'), source('project'), source('global')];
  return { id, max_tokens: 1000, retrieval_policy: 'recency', sources, metadata: {}, ...fields };
}

function task(task_id: string, fields: { project?: string; parent?: string } = {}): RememberingTask {
  const metadata = fields.project === undefined ? {} : { project_id: fields.project };
  return { task_id, parent_task_id: fields.parent ?? null, spec: { metadata } };
}

function createWorld(profiles: readonly ContextProfile[] = [profile('all')]) {
  let nowMs = 0;
  let fresh = 0;
  const clock = { nowMs: () => (nowMs += 1000) };
  const ids = { hex: () => String((fresh += 1)), uuid: () => `id-${(fresh += 1)}` };
  const stores = {
    task: new InMemoryStore({ maxItems: null }),
    project: new InMemoryStore({ maxItems: null }),
    global: new InMemoryStore({ maxItems: null }),
  };
  const occurrences: Occurrence[] = [];
  const events = { emit: (occurrence: Occurrence) => void occurrences.push(occurrence) };
  const writer = new MemoryWriter({
    stores,
    clock,
    events,
    redact: (text) => text.replaceAll('canary', '***'),
  });
  const policy = createPolicy([]);
  const assembler = createContextAssembler({
    stores,
    profiles,
    policy,
    clock,
    events,
    parentOf: () => 'root',
  });
  const of = (remembering: RememberingTask) => {
    const options = { stores, writer, ids, owner: ownerOf(remembering) };
    return {
      task: createTaskMemory(options),
      project: createProjectMemory(options),
      global: createGlobalMemory(options),
      options,
    };
  };
  return { clock, stores, occurrences, events, writer, assembler, of };
}

function textsOf(context: AssembledContext): unknown[] {
  if (!('package' in context)) throw new TypeError(context.error.message);
  return (context.package?.items ?? []).map((item) => (item.payload as { text: string }).text);
}

const record: StageExecutionRecord = {
  task_id: 't1',
  seq: 4,
  attempt: 1,
  node_id: 'draft',
  node_role: 'linear',
  node_kind: 'agent',
  input: null,
  output: { text: 'the output, canary included' },
  error: null,
  node_status: 'completed',
  tool_plan: null,
  tool_calls: [
    {
      call_id: 'call-1',
      tool_id: 'read',
      stage_id: 'draft',
      inputs: {},
      output: 'content',
      error: null,
      started_at: '',
      completed_at: '',
      metadata: {},
    },
  ],
  context_profile_id: null,
  context_metadata: null,
  started_at: '',
  completed_at: '',
};

it('reads what the task, its project and everyone remembers', async () => {
  const { assembler, of } = createWorld();
  const mine = of(task('t1', { project: 'p1' }));
  const other = of(task('t2', { project: 'p2' }));
  await mine.task.addReasoning('my reasoning here', 'draft');
  await mine.project.addDecision({ text: 'our decision' });
  await other.task.addReasoning('not mine', 'draft');
  await other.project.addDecision({ text: 'not ours' });
  await other.global.addPattern({ text: 'a pattern' });
  const context = await assembler.assemble(task('t1', { project: 'p1' }), 'all');
  expect(textsOf(context)).toEqual(['my reasoning here', 'our decision', 'a pattern']);
  expect(context).toMatchObject({
    package: { context_package_id: 'ctx-t1-all', summary: null, compression_ratio: 1 },
    metadata: { items_count: 3, total_tokens: 7, profile_id: 'all', dropped_count: 0 },
  });
  if (!('package' in context)) return;
  expect(Object.isFrozen(context.package?.items[0]?.payload)).toBe(true);
  expect(context.package?.items[0]).not.toHaveProperty('task_id');
});

it('filters by any of the tags of a source', async () => {
  const { assembler, of } = createWorld([
    profile('tagged', { sources: [source('project', { tags: ['api', 'db'] })] }),
  ]);
  const { project } = of(task('t1'));
  await project.addConvention({ text: 'names', scope: 'style' });
  await project.addConvention({ text: 'versions', scope: 'api' });
  await project.addFailure({ text: 'deadlock', code: 'db' });
  expect(textsOf(await assembler.assemble(task('t1'), 'tagged'))).toEqual(['versions', 'deadlock']);
});

it('lets a clone read what its ancestors remember only where the source says so', async () => {
  const sources = [source('task', { inherit: true })];
  const { assembler, of } = createWorld([
    profile('own', { sources: [source('task')] }),
    profile('family', { sources }),
  ]);
  await of(task('root')).task.addReasoning('of the root', 's');
  await of(task('clone', { parent: 'root' })).task.addReasoning('of the clone', 's');
  const clone = task('clone', { parent: 'root' });
  expect(textsOf(await assembler.assemble(clone, 'own'))).toEqual(['of the clone']);
  const lone = createContextAssembler({
    stores: createWorld().stores,
    profiles: [profile('family', { sources })],
    policy: createPolicy([]),
    clock: { nowMs: () => 0 },
  });
  expect(textsOf(await lone.assemble(clone, 'family'))).toEqual([]);
});

it('walks the whole line of ancestors, root first', async () => {
  const { stores, of } = createWorld();
  for (const id of ['leaf', 'middle', 'root']) await of(task(id)).task.addReasoning(id, 's');
  const parents = new Map([['middle', 'root']]);
  const assembler = createContextAssembler({
    stores,
    profiles: [profile('family', { sources: [source('task', { inherit: true })] })],
    policy: createPolicy([]),
    clock: { nowMs: () => 0 },
    parentOf: (id) => parents.get(id) ?? null,
  });
  const context = await assembler.assemble(task('leaf', { parent: 'middle' }), 'family');
  expect(new Set(textsOf(context))).toEqual(new Set(['root', 'middle', 'leaf']));
});

it('knows none, global, and says which profile is unknown', async () => {
  const { assembler } = createWorld([profile('global_default')]);
  expect(await assembler.assemble(task('t1'), 'none')).toEqual({ package: null, metadata: null });
  expect(await assembler.assemble(task('t1'), 'global')).toMatchObject({
    metadata: { profile_id: 'global_default' },
  });
  expect(await assembler.assemble(task('t1'), 'elsewhere')).toMatchObject({
    error: { error_id: 'context_profile_unknown', code: 'validation', source: 'memory', task_id: 't1' },
  });
});

it('gives a record, not an exception, when a store fails', async () => {
  const { assembler, stores } = createWorld();
  await stores.project.close();
  expect(await assembler.assemble(task('t1'), 'all')).toMatchObject({
    error: { error_id: 'context_assembly_failed', message: 'context "all": memory store is closed' },
  });
});

it('reads nothing from a source that a policy denies, and says so', async () => {
  const { stores, clock, events, occurrences, of } = createWorld();
  await of(task('t1')).project.addDecision({ text: 'secret plans' });
  await of(task('t1')).global.addPattern({ text: 'open' });
  const rules = [{ target: 'context', target_id: 'project', action: 'deny', reason: 'not here' }] as const;
  const policy = createPolicy([{ name: 'p', enabled: true, default: 'allow', rules }]);
  const assembler = createContextAssembler({ stores, profiles: [profile('all')], policy, clock, events });
  expect(textsOf(await assembler.assemble(task('t1'), 'all'))).toEqual(['open']);
  expect(occurrences).toEqual([
    {
      name: 'policy_denied',
      task_id: 't1',
      stage_id: null,
      payload: { target: 'context', target_id: 'project', profile_id: 'all', reason: 'not here' },
    },
  ]);
});

it('follows a registered retriever, and names the profiles that have none', async () => {
  const semantic = profile('meaning', { retrieval_policy: 'semantic', max_tokens: 1 });
  const { stores, of, clock } = createWorld();
  for (const text of ['first', 'second', 'third']) await of(task('t1')).task.addReasoning(text, 's');
  const rank = async (items: readonly { context_item_id: string; payload: unknown }[]) =>
    items
      .filter(({ payload }) => (payload as { text: string }).text === 'second')
      .map((item) => item.context_item_id);
  const retrievers = new Map([['semantic' as const, { rank }]]);
  const assembler = createContextAssembler({
    stores,
    profiles: [semantic],
    policy: createPolicy([]),
    clock,
    retrievers,
  });
  expect(textsOf(await assembler.assemble(task('t1'), 'meaning'))).toEqual(['second']);
  expect(selectUnservedProfiles([semantic, profile('all')], new Set())).toEqual([semantic]);
  expect(selectUnservedProfiles([semantic], new Set(['semantic']))).toEqual([]);
});

it('remembers a node by its output and its tool calls, redacted, and forgets with the task', async () => {
  const { writer, stores, of, occurrences } = createWorld();
  const failed = { ...record.tool_calls[0]!, call_id: 'call-2', error: {} as never };
  await writer.remember(task('t1'), { ...record, tool_calls: [...record.tool_calls, failed] });
  const kept = await stores.task.list();
  expect(
    kept.map(({ context_item_id, kind, source: from, tags, importance, payload }) => ({
      id: context_item_id,
      kind,
      from,
      tags,
      importance,
      payload,
    })),
  ).toEqual([
    {
      id: 't1/4',
      kind: 'stage_output',
      from: 'draft',
      tags: ['stage', 'draft'],
      importance: 0.5,
      payload: { text: 'the output, *** included' },
    },
    {
      id: 't1/call-1',
      kind: 'tool_output',
      from: 'task/t1',
      tags: ['task', 'tool', 'read'],
      importance: 0.7,
      payload: { tool_id: 'read', output: 'content' },
    },
  ]);
  expect(await of(task('t1')).task.getStageOutputs()).toHaveLength(1);
  expect(occurrences).toEqual([]);
  await writer.forgetTask('t1');
  expect(await stores.task.count()).toBe(0);
});

it('keeps a persistent task memory beyond the task and tells that it was persisted', async () => {
  const { stores, clock, events, occurrences } = createWorld();
  const lasting = Object.assign(new InMemoryStore({ maxItems: null }), { persistent: true, backend: 'file' });
  const writer = new MemoryWriter({ stores: { ...stores, task: lasting }, clock, events });
  await writer.remember(task('t1'), record);
  await writer.forgetTask('t1');
  expect(await lasting.count()).toBe(2);
  expect(occurrences).toEqual([
    {
      name: 'memory_persisted',
      task_id: 't1',
      stage_id: null,
      payload: { store: 'task', backend: 'file', item_count: 2 },
    },
  ]);
});

it('asks before it changes what everyone shares', async () => {
  const { of } = createWorld();
  const { options } = of(task('t1'));
  const asked: string[] = [];
  const refusing = createGlobalMemory({ ...options, confirm: (what) => (asked.push(what), false) });
  expect(await refusing.addPreference({ text: 'tabs' })).toBeNull();
  expect(await refusing.clearAll()).toBe(false);
  expect(asked).toEqual(['remember the preference: tabs', 'clear the global memory']);
  const willing = createGlobalMemory({ ...options, confirm: () => true });
  await willing.addPreference({ text: 'spaces', category: 'style' });
  await willing.addPreference({ text: 'tea' });
  const texts = async (category?: string) =>
    (await willing.queryPreferences(category)).map((item) => (item.payload as { text: string }).text);
  expect([await texts('style'), await texts()]).toEqual([['spaces'], ['tea', 'spaces']]);
  expect(await willing.clearAll()).toBe(true);
  expect(await texts()).toEqual([]);
});

it('forgets the least important tenth of a project above a thousand items', async () => {
  const { stores, of } = createWorld();
  const { project } = of(task('t1', { project: 'p' }));
  await of(task('t2', { project: 'other' })).project.addConvention({ text: 'elsewhere', scope: 's' });
  for (let index = 0; index < 901; index += 1) {
    await stores.project.put({
      ...(await stores.project.list())[0]!,
      context_item_id: `bulk-${index}`,
      timestamp: new Date(index).toISOString(),
      importance: 0.95,
      project_id: 'p',
    });
  }
  for (let index = 0; index < 99; index += 1) await project.addConvention({ text: `c${index}`, scope: 's' });
  expect(await stores.project.count()).toBe(1001);
  await project.addDecision({ text: 'one more' });
  const left = await stores.project.query({ filters: { project_id: 'p' }, limit: null });
  expect(left).toHaveLength(900);
  expect(left.filter((item) => item.kind === 'decision')).toHaveLength(0);
  expect(left.every((item) => item.importance === 0.95)).toBe(true);
  expect(left.some((item) => item.context_item_id === 'bulk-0')).toBe(false);
});
