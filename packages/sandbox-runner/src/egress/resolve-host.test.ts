import { describe, expect, it } from 'vitest';
import { createCalmResolver, systemResolver } from './resolve-host.ts';

describe('createCalmResolver', () => {
  it('asks for two names at a time, and once for a name that several wait for', async () => {
    const running = new Set<string>();
    const asked: string[] = [];
    let most = 0;
    const resolve = createCalmResolver(async (host) => {
      asked.push(host);
      running.add(host);
      most = Math.max(most, running.size);
      await new Promise((done) => setImmediate(done));
      running.delete(host);
      if (host.startsWith('bad')) throw new RangeError(host);
      return [host];
    });
    const names = ['a', 'b', 'a', 'bad1', 'c', 'bad2', 'd', 'b', 'c', 'd'];
    const results = await Promise.allSettled(names.map(resolve));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value[0] : 'rejected'))).toEqual(
      names.map((name) => (name.startsWith('bad') ? 'rejected' : name)),
    );
    expect(asked.toSorted()).toEqual(['a', 'b', 'bad1', 'bad2', 'c', 'd']);
    expect(most).toBe(2);
  });

  it('asks anew once a name was answered', async () => {
    let count = 0;
    const resolve = createCalmResolver(async () => [String((count += 1))]);
    expect(await resolve('a')).toEqual(['1']);
    expect(await resolve('a')).toEqual(['2']);
  });
});

it('systemResolver gives all addresses of a name', async () => {
  expect(await systemResolver('localhost')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^127\.|^::1$/)]),
  );
});
