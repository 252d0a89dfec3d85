import { describe, expect, test } from 'vitest';
import { createEventBus } from './event-bus.ts';

interface Events {
  blockChanged: { x: number; id: number };
  paused: boolean;
}

describe('event bus', () => {
  test('calls the listeners of an event in order and no others', () => {
    const bus = createEventBus<Events>();
    const heard: string[] = [];
    bus.on('blockChanged', ({ x, id }) => heard.push(`first ${x} ${id}`));
    bus.on('blockChanged', () => heard.push('second'));
    bus.on('paused', () => heard.push('paused'));
    bus.emit('blockChanged', { x: 4, id: 2 });
    expect(heard).toEqual(['first 4 2', 'second']);
  });

  test('an event without listeners is no error', () => {
    expect(() => createEventBus<Events>().emit('paused', true)).not.toThrow();
  });

  test('the same function subscribed twice leaves once at a time', () => {
    const bus = createEventBus<Events>();
    let calls = 0;
    const count = () => void calls++;
    const leave = bus.on('paused', count);
    bus.on('paused', count);
    leave();
    leave();
    bus.emit('paused', true);
    expect(calls).toBe(1);
  });

  test('a listener may leave or subscribe during delivery', () => {
    const bus = createEventBus<Events>();
    const heard: string[] = [];
    const leave = bus.on('paused', () => {
      heard.push('once');
      leave();
      bus.on('paused', () => heard.push('later'));
    });
    bus.emit('paused', true);
    expect(heard).toEqual(['once']);
    bus.emit('paused', false);
    expect(heard).toEqual(['once', 'later']);
  });

  test('a listener that throws does not silence the others', () => {
    const bus = createEventBus<Events>();
    const heard: string[] = [];
    bus.on('paused', () => {
      throw new Error('first');
    });
    bus.on('paused', () => heard.push('heard'));
    expect(() => bus.emit('paused', true)).toThrow('first');
    expect(heard).toEqual(['heard']);
  });

  test('several errors arrive together', () => {
    const bus = createEventBus<Events>();
    for (const reason of ['a', 'b']) {
      bus.on('paused', () => {
        throw new Error(reason);
      });
    }
    expect(() => bus.emit('paused', true)).toThrow(AggregateError);
  });
});
