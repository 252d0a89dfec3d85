import { describe, expect, it } from 'vitest';
import { createToolCallCollector } from './tool-call-collector.ts';

const part = (name: string | undefined, json: string) => ({ function: { name, arguments: json } });

describe('createToolCallCollector', () => {
  it('tells calls apart that have neither an index nor an id', () => {
    const collector = createToolCallCollector();
    collector.push([part('read', '{"a":'), part(undefined, '1}'), part('read', '{}')]);
    collector.push([part('write', ''), part(undefined, '[]')]);
    const calls = collector.calls();
    expect(calls.map(({ name, arguments: json }) => [name, json])).toEqual([
      ['read', '{"a":1}'],
      ['read', '{}'],
      ['write', '[]'],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
  });

  it('keeps fragments of one index together, also when each repeats the name', () => {
    const collector = createToolCallCollector();
    for (const json of ['{"a"', ':', '1}']) collector.push([{ index: 0, ...part('read', json) }]);
    expect(collector.calls()).toMatchObject([{ name: 'read', arguments: '{"a":1}' }]);
  });
});
