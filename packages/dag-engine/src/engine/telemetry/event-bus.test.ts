import { createRedactor, Secret, silentLogger, type LogFields } from '@agentswarm/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  EVENT_CATEGORIES,
  type EngineEvent,
  type EventName,
  type Occurrence,
} from '../model/engine-event.ts';
import { EventBus } from './event-bus.ts';
import { EventStreams } from './event-streams.ts';

const METADATA = { engine_version: '1.2.3', manifest_digest: 'd'.repeat(64) };

function steppingClock() {
  let nowMs = Date.UTC(2030, 0, 1);
  return { nowMs: () => (nowMs += 1) };
}

function occurrence(name: EventName, payload: Occurrence['payload'] = {}): Occurrence {
  return { name, task_id: 'task-1', stage_id: 'node', payload };
}

function createBus(options: Partial<ConstructorParameters<typeof EventBus>[0]> = {}) {
  return new EventBus({ clock: steppingClock(), metadata: METADATA, ...options });
}

it('numbers, stamps and names an event, and says its name in the payload', () => {
  const bus = createBus();
  bus.emit(occurrence('node_started', { role: 'linear', input: { a: 1 } }));
  expect(bus.events()).toEqual([
    {
      event_id: 'node_started-1',
      seq: 1,
      name: 'node_started',
      type: 'node',
      task_id: 'task-1',
      stage_id: 'node',
      timestamp: '2030-01-01T00:00:00.001Z',
      payload: { event: 'node_started', role: 'linear', input: { a: 1 } },
      metadata: METADATA,
    },
  ]);
});

it('keeps what was said when it was said, whatever happens to the value afterwards', () => {
  const bus = createBus();
  const output = { list: [1] };
  bus.emit(occurrence('node_completed', { output }));
  output.list.push(2);
  const [event] = bus.events();
  expect(event?.payload).toEqual({ event: 'node_completed', output: { list: [1] } });
  const kept = (event?.payload as { output: { list: number[] } }).output.list;
  expect(() => kept.push(3)).toThrow(TypeError);
});

it('never uses a number twice, also after it forgot', () => {
  const bus = createBus();
  bus.emit(occurrence('task_started'));
  bus.clear();
  bus.emit(occurrence('task_started'));
  expect(bus.events().map((event) => event.event_id)).toEqual(['task_started-2']);
});

it('finds events by category, by name and by task', () => {
  const bus = createBus();
  bus.emit(occurrence('tool_invoked'));
  bus.emit({ ...occurrence('tool_failed'), task_id: 'task-2' });
  bus.emit(occurrence('node_failed'));
  expect(bus.byType('tool').map((event) => event.seq)).toEqual([1, 2]);
  expect(bus.byType('tool_failed').map((event) => event.seq)).toEqual([2]);
  expect(bus.byTask('task-1').map((event) => event.seq)).toEqual([1, 3]);
});

it('delivers in order to every listener, also what a listener says and when one throws', () => {
  const errors: LogFields[] = [];
  const bus = createBus({ logger: { ...silentLogger, error: (fields) => errors.push(fields) } });
  const seen: string[] = [];
  bus.subscribe((event) => {
    if (event.name === 'task_started') bus.emit(occurrence('node_started'));
  });
  bus.subscribe(() => {
    throw new RangeError('listener is broken');
  });
  const stop = bus.subscribe((event) => seen.push(event.event_id));
  bus.emit(occurrence('task_started'));
  stop();
  bus.emit(occurrence('task_completed'));
  expect(seen).toEqual(['task_started-1', 'node_started-2']);
  expect(errors.map((fields) => fields['error'])).toEqual(Array(3).fill('listener is broken'));
});

it('gives every kind of occurrence its category and takes any payload', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(EVENT_CATEGORIES) as EventName[])),
      fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withSet: true })),
      (name, payload) => {
        const bus = createBus();
        bus.emit(occurrence(name, payload as Occurrence['payload']));
        const [event] = bus.events() as [EngineEvent];
        expect(event.type).toBe(EVENT_CATEGORIES[name]);
        expect(JSON.parse(JSON.stringify(event))).toEqual(event);
      },
    ),
  );
});

it('lets no known secret into an event, wherever it stands', () => {
  const canary = fc.stringMatching(/^[A-Za-z0-9"\\/+ ]{8,24}$/);
  fc.assert(
    fc.property(canary, fc.string(), fc.jsonValue({ maxDepth: 3 }), (secret, around, other) => {
      const bus = createBus({ redact: createRedactor([new Secret(secret)]) });
      bus.emit(
        occurrence('tool_completed', {
          output: {
            [`${around}${secret}`]: [other, { deep: `${around}${secret}${around}` }],
            holder: new Secret(secret),
          },
          quoted: JSON.stringify({ key: secret }),
          link: `https://host/?key=${encodeURIComponent(secret)}`,
        }),
      );
      const texts: string[] = [];
      JSON.stringify(bus.events(), (key, value: unknown) => {
        texts.push(key);
        if (typeof value === 'string' || typeof value === 'number') texts.push(String(value));
        return value;
      });
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }),
  );
});

it('numbers every stream by itself and answers over all of them', () => {
  const streams = new EventStreams({ clock: steppingClock(), metadata: METADATA });
  const seen: string[] = [];
  streams.subscribe((event) => seen.push(`${event.task_id}:${event.seq}`));
  const [first, second] = [streams.open(), streams.open()];
  first.emit(occurrence('task_started'));
  second.emit({ ...occurrence('task_started'), task_id: 'task-2' });
  first.emit(occurrence('task_completed'));
  expect(seen).toEqual(['task-1:1', 'task-2:1', 'task-1:2']);
  expect(streams.events().map((event) => event.event_id)).toEqual([
    'task_started-1',
    'task_completed-2',
    'task_started-1',
  ]);
  expect(streams.byType('task_completed')).toHaveLength(1);
  expect(streams.byTask('task-2')).toHaveLength(1);
  streams.end(first);
  streams.clear();
  expect(streams.events()).toEqual([]);
  second.emit({ ...occurrence('task_completed'), task_id: 'task-2' });
  expect(streams.events().map((event) => event.event_id)).toEqual(['task_completed-2']);
});
