import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Engine, type EngineOptions, type JsonObject, type MemoryItem } from '../../src/engine.ts';
import { createConfigDirectory, node, workflow, type FileContent } from './config-directory.ts';
import { failing, fixedClock, giving, NOW, openEngine, scriptedModel } from './open-engine.ts';

/**
 * The conformance scenarios about metadata, evaluations, metrics, policy, persistence, credentials and the scheduler,
 * at the engine's front door.
 */

type Files = Readonly<Record<string, FileContent>>;

const S = node('S', 'start', { default_start: true });
const X = node('X', 'exit');
const through = (main: object = {}) => workflow([S, node('main', 'linear', main), X], ['S>main', 'main>X']);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('23. metadata, evaluation, metrics, policy', () => {
  it('hashes every manifest that is there, the same for the same content', async () => {
    await using directory = await createConfigDirectory({ 'schemas/doc.json': { type: 'object' } });
    const load = async () => {
      await using engine = await Engine.fromConfigDir(directory.path, { clock: fixedClock });
      return engine.getMetadata();
    };
    const first = await load();
    expect(Object.keys(first.manifest_hashes).toSorted()).toEqual([
      'agents.yaml',
      'schemas/doc.json',
      'tools.yaml',
      'workflow.yaml',
    ]);
    const text = await readFile(join(directory.path, 'workflow.yaml'), 'utf8');
    expect(first.manifest_hashes['workflow.yaml']).toBe(sha256(text));
    expect(await load()).toEqual(first);
    await appendFile(join(directory.path, 'tools.yaml'), '# changed\n');
    const changed = await load();
    expect(changed.manifest_hashes['tools.yaml']).not.toBe(first.manifest_hashes['tools.yaml']);
    expect(changed.manifest_hashes['agents.yaml']).toBe(first.manifest_hashes['agents.yaml']);
    expect(changed.manifest_digest).not.toBe(first.manifest_digest);
  });

  it('evaluates cases: skipped, failed, error, nested fields', async () => {
    const check = (id: string, assertions: readonly object[], more: object = {}) => ({
      id,
      input: { deep: { list: [1, 'two'] } },
      assertions,
      ...more,
    });
    const suite = {
      name: 'all',
      cases: [
        check('off', [{ type: 'equals', expected: 'never' }], { enabled: false }),
        check('wrong', [{ type: 'equals', expected: 'else', message: 'not that' }]),
        check('throws', [], { start_node_id: 'main' }),
        check('nested', [{ type: 'equals', field_path: 'deep.list.1', expected: 'two' }]),
        check('custom', [{ type: 'custom', custom_function: 'own:check' }]),
      ],
    };
    const files = { 'workflow.yaml': through(), 'evaluations.yaml': { suites: [suite] } };
    const assertions = { 'own:check': () => ({ passed: false, message: 'own reason' }) };
    await using opened = await openEngine(files, { assertions });
    const { engine } = opened;
    const report = await engine.createEvaluator().evaluateSuites(engine.loadEvaluations());
    expect(report.totals).toEqual({ total: 5, passed: 1, failed: 2, skipped: 1, error: 1 });
    const results = report.suites[0]!.results;
    expect(results.map(({ case_id, status, error_message }) => [case_id, status, error_message])).toEqual([
      ['off', 'skipped', null],
      ['wrong', 'failed', 'not that'],
      ['throws', 'error', 'node "main" has the role linear, not start'],
      ['nested', 'passed', null],
      ['custom', 'failed', 'own reason'],
    ]);
    const snapshots = engine.getArtifactStore().byType('telemetry_snapshot');
    expect(snapshots.map(({ payload }) => (payload as JsonObject)['case_id'])).toEqual([
      'wrong',
      'throws',
      'nested',
      'custom',
    ]);
    expect(snapshots[1]?.metadata.task_id).toBe('eval_throws');
  });

  it('records the metrics that are on, of the first profile that is on', async () => {
    const metrics = [
      { name: 'node_execution_count', type: 'counter' },
      { name: 'node_execution_duration', type: 'timer', enabled: false },
    ];
    const names = async (profiles: readonly object[] | null) => {
      const files = { 'workflow.yaml': through(), 'metrics.yaml': profiles && { profiles } };
      await using opened = await openEngine(files);
      await opened.engine.run('x');
      return new Set(opened.engine.getMetrics().map(({ metric_name }) => metric_name));
    };
    expect(await names([{ name: 'off', enabled: false, metrics }])).toEqual(new Set());
    expect(
      await names([
        { name: 'off', enabled: false, metrics: [] },
        { name: 'on', metrics },
      ]),
    ).toEqual(new Set(['node_execution_count']));
    expect(await names(null)).toEqual(
      new Set(['node_execution_count', 'node_execution_duration', 'task_total_duration']),
    );
  });

  it('denies tools: the first deny gives the reason; sets that are off do not count', async () => {
    const deny = (name: string, reason: string, enabled = true) => ({
      name,
      enabled,
      rules: [{ target: 'tool', target_id: 'read_file', action: 'deny', reason }],
    });
    const run = async (policies: readonly object[]) => {
      const llmFactory = scriptedModel(() => ({
        main_result: 'done',
        tool_plan: { steps: [{ tool_id: 'read_file', inputs: { path: 'none' } }] },
      }));
      const main = { kind: 'agent', agent_id: 'writer', tools: ['read_file'] };
      const files = { 'workflow.yaml': through(main), 'policy.yaml': { policies } };
      await using opened = await openEngine(files, { llmFactory });
      const result = await opened.engine.run('x');
      return { result, denied: opened.engine.getEventsByType('policy_denied') };
    };
    const refused = await run([deny('off', 'ignored', false), deny('a', 'first'), deny('b', 'second')]);
    expect(refused.result).toMatchObject({
      status: 'failure',
      error: { error_id: 'tool_policy_denied', code: 'security', message: 'first' },
    });
    expect(refused.denied.map(({ payload }) => payload['reason'])).toEqual(['first']);
    const allowed = await run([deny('off', 'ignored', false)]);
    expect(allowed).toMatchObject({ result: { status: 'success' }, denied: [] });
  });
});

describe('24. persistence', () => {
  const item = (id: string): MemoryItem => ({
    context_item_id: id,
    kind: 'note',
    source: 'test',
    timestamp: NOW,
    tags: ['kept'],
    importance: 0.5,
    token_cost: 2,
    payload: { [id]: [1, null] },
    metadata: { by: 'test' },
    task_id: null,
    project_id: 'default',
  });
  const files = (backend: string, more: object = {}) => ({
    'memory.yaml': { memory: { project_store: { backend, ...more } } },
  });
  async function reopened(given: Files, between?: (stateRoot: string) => Promise<void>) {
    await using directory = await createConfigDirectory(given);
    const open = () => Engine.fromConfigDir(directory.path);
    {
      await using engine = await open();
      for (const id of ['a', 'b', 'c']) await engine.getMemoryStore('project').put(item(id));
    }
    await between?.(join(directory.path, '.agent_engine'));
    await using engine = await open();
    return await engine.getMemoryStore('project').list();
  }

  it.each(['file', 'jsonl', 'sqlite'])('items of a %s store survive reopening', async (backend) => {
    expect(await reopened(files(backend))).toEqual(['a', 'b', 'c'].map(item));
  });
  it.each(['file', 'sqlite'])('a %s store keeps the newest of max_items', async (backend) => {
    const kept = await reopened(files(backend, { retention: { max_items: 2 } }));
    expect(kept.map(({ context_item_id }) => context_item_id)).toEqual(['b', 'c']);
  });
  it('a line of a memory file that makes no sense is skipped', async () => {
    const torn = (stateRoot: string) =>
      appendFile(join(stateRoot, 'memory', 'project_store.jsonl'), 'no JSON\n{"half":\n');
    expect(await reopened(files('file'), torn)).toHaveLength(3);
  });
  it('artifacts are kept in SQLite', async () => {
    await using directory = await createConfigDirectory({ 'artifacts.yaml': { backend: 'sqlite' } });
    const artifacts = async (task?: string) => {
      await using engine = await Engine.fromConfigDir(directory.path);
      const { task_id } = task === undefined ? await engine.run('x') : { task_id: task };
      return { task_id, kept: engine.getArtifactStore().byTask(task_id) };
    };
    const { task_id, kept } = await artifacts();
    expect(kept).toHaveLength(3);
    expect((await artifacts(task_id)).kept).toEqual(kept);
  });
});

describe('24. credentials', () => {
  const credential = (id: string, auth: object) => ({
    id,
    provider: 'scripted',
    auth: { type: 'api_key', ...auth },
  });
  const file = (file_path: string, file_key?: string) => ({ source: 'file', file_path, file_key });
  const files = {
    'provider_credentials.yaml': {
      provider_credentials: [
        credential('env', { source: 'env', env_var: 'THE_KEY' }),
        credential('file', file('secret.txt')),
        credential('json', file('keys.json', 'a.b')),
        credential('yaml', file('keys.yml', 'a.b')),
        credential('missing', { source: 'env', env_var: 'NOT_THERE' }),
        credential('lost', file('nowhere.txt')),
      ],
    },
    'secret.txt': 'value of the file\n',
    'keys.json': { a: { b: 'value of the json' } },
    'keys.yml': 'a:\n  b: value of the yaml\n',
  };

  it('load from the environment and from files; the missing are listed', async () => {
    await using opened = await openEngine(files, { env: { THE_KEY: 'value of the env' } });
    const provider = opened.engine.getCredentialProvider();
    const loaded = ['env', 'file', 'json', 'yaml'];
    expect(loaded.map((id) => provider.getCredential(id).reveal())).toEqual(
      loaded.map((id) => `value of the ${id}`),
    );
    expect(provider.listLoadedCredentialIds()).toEqual(loaded);
    expect(provider.listFailedCredentialIds()).toEqual(['missing', 'lost']);
    expect(provider.getCredentialMetadata('missing')?.error).toContain('NOT_THERE');
    expect(JSON.stringify(provider.getAllMetadata())).not.toContain('value of');
  });
  it('reach the factory of the model they are for, the first loaded one', async () => {
    const given: unknown[] = [];
    const llmFactory: EngineOptions['llmFactory'] = (provider, _config, secret) => {
      given.push([provider, secret?.reveal()]);
      return { generate: async () => 'answer' };
    };
    const agent = { 'workflow.yaml': through({ kind: 'agent', agent_id: 'writer' }) };
    await using opened = await openEngine({ ...files, ...agent }, { llmFactory });
    expect((await opened.engine.run('x')).output).toBe('answer');
    expect(given).toEqual([['scripted', 'value of the file']]);
  });
});

describe('24. scheduler', () => {
  const scheduler = (more: object) => ({ 'workflow.yaml': through(), 'scheduler.yaml': { scheduler: more } });

  it('runs what is queued first in, first out, one at a time', async () => {
    const states: unknown[] = [];
    const files = scheduler({});
    await using opened = await openEngine(files, {
      deterministicOps: {
        main(_task, _node, { input }) {
          const { queue_size, running_count, completed_count } = opened.engine.getQueueStatus();
          states.push([input, queue_size, running_count, completed_count]);
          return { output: input };
        },
      },
    });
    const { engine } = opened;
    const ids = ['a', 'b', 'c'].map((input) => engine.enqueue(input));
    const state = (id: string) => engine.getQueueStatus().tasks[id]?.state;
    expect(ids.map(state)).toEqual(['queued', 'queued', 'queued']);
    const results = await engine.runQueued();
    expect(states).toEqual([
      ['a', 2, 1, 0],
      ['b', 1, 1, 1],
      ['c', 0, 1, 2],
    ]);
    expect(results.map(({ task_id, status, output }) => [task_id, status, output])).toEqual(
      ids.map((id, index) => [id, 'success', ['a', 'b', 'c'][index]]),
    );
    expect(ids.map(state)).toEqual(['completed', 'completed', 'completed']);
  });
  it('refuses more than its limit, and everything when it is off', async () => {
    await using small = await openEngine(scheduler({ max_queue_size: 1 }));
    small.engine.enqueue('a');
    expect(() => small.engine.enqueue('b')).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', message: 'Queue full (limit: 1)' }),
    );
    await using off = await openEngine(scheduler({ enabled: false }));
    expect(() => off.engine.enqueue('a')).toThrow(expect.objectContaining({ code: 'QUEUE_DISABLED' }));
    expect(off.engine.getQueueStatus()).toMatchObject({ scheduler_enabled: false, queue_size: 0 });
  });
  it('counts runs that failed apart; partial is completed', async () => {
    const nodes = [S, node('d', 'decision'), node('ok', 'linear'), node('bad', 'linear'), X];
    const partial = node('half', 'linear', { continue_on_failure: true });
    const files = {
      'workflow.yaml': workflow(
        [...nodes, partial],
        ['S>d', 'd>ok', 'd>bad', 'd>half', 'ok>X', 'bad>X', 'half>X'],
      ),
    };
    const deterministicOps = { ok: giving('fine'), bad: failing, half: failing };
    await using opened = await openEngine(files, { deterministicOps });
    const { engine } = opened;
    for (const input of ['ok', 'bad', 'half']) engine.enqueue(input);
    const results = await engine.runQueued();
    expect(results.map(({ status, error }) => [status, error?.error_id])).toEqual([
      ['success', undefined],
      ['failure', 'deterministic_execution_failed'],
      ['partial', undefined],
    ]);
    const states = Object.values(engine.getQueueStatus().tasks).map(({ state }) => state);
    expect(states).toEqual(['completed', 'failed', 'completed']);
    for (const { engine_task_id } of results) expect(engine.getTask(engine_task_id!)).not.toBeNull();
  });
});
