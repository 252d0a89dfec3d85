import { silentLogger } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { createTestTime } from '../../../test/test-time.ts';
import { createLeases } from './leases.ts';

const MINUTES = 60_000;

function named(id: string) {
  const labels = { run: 'run-leases', purpose: 'command' } as const;
  return { id, labels, createdAtMs: 0, machine: 'here', remoteId: `sb-${id}` };
}

it('renews each lease by itself: one without an answer holds up no other', async () => {
  const time = createTestTime();
  const claimed: string[] = [];
  const silence = Promise.withResolvers<void>();
  const claim = async ({ id }: { readonly id: string }) => {
    claimed.push(id);
    if (id === 'silent') await silence.promise;
  };
  const leases = createLeases({ cloud: { claim }, time, logger: silentLogger });
  for (const id of ['silent', 'a', 'b']) leases.hold(named(id));
  await time.pass(5 * MINUTES);
  await leases.drop('b');
  await time.pass(5 * MINUTES);
  expect(claimed).toEqual(['silent', 'a', 'b', 'a']);
  silence.resolve();
  await leases.drop('silent');
  await time.pass(5 * MINUTES);
  expect(claimed).toEqual(['silent', 'a', 'b', 'a', 'a']);
  await leases[Symbol.asyncDispose]();
  await time.pass(5 * MINUTES);
  expect(claimed).toHaveLength(5);
});
