import { silentLogger, type LogFields } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { EventBus } from '../telemetry/event-bus.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import { PluginBase, type Plugin } from './plugin.ts';
import { PluginRegistry } from './plugin-registry.ts';
import { loadPlugins } from './load-plugins.ts';

function createRegistry() {
  const log: LogFields[] = [];
  const keep = (fields: LogFields) => void log.push(fields);
  return { log, registry: new PluginRegistry({ ...silentLogger, warn: keep, error: keep }) };
}

function someEvent(): EngineEvent {
  const bus = new EventBus({ clock: { nowMs: () => 0 }, metadata: {} });
  bus.emit({ name: 'task_started', task_id: 't', stage_id: null, payload: { spec: { hints: ['a'] } } });
  return bus.events()[0]!;
}

function observer(pluginId: string, calls: string[]): Plugin {
  return {
    pluginId,
    onStartup: () => void calls.push(`${pluginId} up`),
    onEvent: (event) => void calls.push(`${pluginId} ${event.name}`),
    onShutdown: () => void calls.push(`${pluginId} down`),
  };
}

it('tells plugins in the order they were registered, and stops telling one that left', () => {
  const { registry } = createRegistry();
  const calls: string[] = [];
  registry.register(observer('a', calls));
  registry.register(observer('b', calls));
  registry.dispatch(someEvent());
  registry.unregister('a');
  registry.unregister('nobody');
  registry.dispatch(someEvent());
  expect(calls).toEqual(['a up', 'b up', 'a task_started', 'b task_started', 'a down', 'b task_started']);
  expect(registry.list().map((plugin) => plugin.pluginId)).toEqual(['b']);
  expect(registry.get('a')).toBeUndefined();
});

it('shuts a plugin down that another of its id replaces, and says so', () => {
  const { registry, log } = createRegistry();
  const calls: string[] = [];
  registry.register(observer('a', calls));
  registry.register(observer('a', calls));
  expect(calls).toEqual(['a up', 'a down', 'a up']);
  expect(log).toEqual([{ plugin: 'a' }]);
});

it('shields the run and the other plugins from one that throws in every hook', async () => {
  const { registry, log } = createRegistry();
  const calls: string[] = [];
  const fail = () => {
    throw new RangeError('boom');
  };
  registry.register({ pluginId: 'bad', onStartup: fail, onEvent: fail, onShutdown: fail });
  registry.register(observer('good', calls));
  registry.dispatch(someEvent());
  await registry.close();
  expect(calls).toEqual(['good up', 'good task_started', 'good down']);
  expect(log.map(({ plugin, hook, error }) => [plugin, hook, error])).toEqual([
    ['bad', 'onStartup', 'boom'],
    ['bad', 'onEvent', 'boom'],
    ['bad', 'onShutdown', 'boom'],
  ]);
});

it('shows a plugin that mutates its event the door: nothing changes for the next one', () => {
  const { registry, log } = createRegistry();
  const seen: unknown[] = [];
  registry.register({
    pluginId: 'vandal',
    onEvent(event) {
      (event.payload['spec'] as { hints: string[] }).hints.push('injected');
    },
  });
  registry.register({ pluginId: 'witness', onEvent: (event) => void seen.push(event.payload) });
  registry.dispatch(someEvent());
  expect(seen).toEqual([{ event: 'task_started', spec: { hints: ['a'] } }]);
  expect(log).toHaveLength(1);
});

it('waits at close for what asynchronous plugins do, and logs what they reject with', async () => {
  const { registry, log } = createRegistry();
  const work = Promise.withResolvers<undefined>();
  const done: string[] = [];
  registry.register({ pluginId: 'slow', onEvent: () => work.promise.then(() => done.push('written')) });
  registry.register({ pluginId: 'rejects', onEvent: () => Promise.reject(new RangeError('later')) });
  const thenable = {
    get then(): never {
      throw new RangeError('no then for you');
    },
  };
  registry.register({ pluginId: 'odd', onEvent: () => thenable });
  registry.dispatch(someEvent());
  expect(done).toEqual([]);
  const closed = registry.close();
  work.resolve(undefined);
  await closed;
  expect(done).toEqual(['written']);
  expect(log.map(({ plugin, error }) => [plugin, error]).toSorted()).toEqual([
    ['odd', 'no then for you'],
    ['rejects', 'later'],
  ]);
});

it('stops waiting for a plugin that never finishes when told to', async () => {
  const { registry } = createRegistry();
  registry.register({ pluginId: 'stuck', onEvent: () => new Promise(() => {}) });
  registry.dispatch(someEvent());
  const controller = new AbortController();
  const closed = registry.close(controller.signal);
  controller.abort();
  await closed;
  await registry.close(AbortSignal.abort());
  expect(registry.list()).toEqual([]);
});

it('makes enabled plugins only, and says of each failure which plugin it is', async () => {
  class Observer extends PluginBase {
    onEvent(): void {}
  }
  class Broken extends Observer {
    override onEvent(): void {}
    constructor() {
      super('x', {});
      throw new RangeError('cannot be made');
    }
  }
  const modules = new Map<string, unknown>([
    ['./a.ts:Observer', Observer],
    ['./a.ts:Broken', Broken],
    ['./a.ts:Other', class Other {}],
    ['./a.ts:text', 'text'],
  ]);
  const touched: string[] = [];
  const resolve = async (entrypoint: string) => {
    touched.push(entrypoint);
    if (!modules.has(entrypoint)) throw new RangeError('no such module');
    return modules.get(entrypoint);
  };
  const declare = (id: string, entrypoint: string, enabled = true) => ({
    id,
    entrypoint,
    enabled,
    config: { id },
  });
  const given = observer('bound', []);
  const { plugins, problems } = await loadPlugins(
    [
      declare('ok', './a.ts:Observer'),
      declare('off', './missing.ts:X', false),
      declare('broken', './a.ts:Broken'),
      declare('other', './a.ts:Other'),
      declare('text', './a.ts:text'),
      declare('missing', './missing.ts:X'),
      declare('bound', './missing.ts:Y'),
    ],
    { resolve, given: new Map([['bound', given]]) },
  );
  expect(plugins.map((plugin) => plugin.pluginId)).toEqual(['ok', 'bound']);
  expect((plugins[0] as Observer).config).toEqual({ id: 'ok' });
  expect(problems.map(({ index, plugin_id }) => [index, plugin_id])).toEqual([
    [2, 'broken'],
    [3, 'other'],
    [4, 'text'],
    [5, 'missing'],
  ]);
  expect(problems[0]?.message).toBe('plugin "broken" (./a.ts:Broken): cannot be made');
  expect(touched).not.toContain('./missing.ts:Y');
});
