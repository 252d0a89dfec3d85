import type { AttemptId, BudgetLimits, BudgetPolicy, TaskId } from '@agentswarm/core';
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BudgetEntry } from './budget-entry.ts';
import type { Budget, Reservation, ReserveRequest, SpendScope } from './budget.ts';
import { createBudget } from './create-budget.ts';

const RUNS = process.env['TEST_DEEP'] ? 10_000 : 300;

/** A store whose entries become durable when the test says so; a crash keeps a beginning of what was under way. */
function createTestDisk() {
  const durable: BudgetEntry[] = [];
  let pending: { readonly entry: BudgetEntry; readonly resolve: () => void }[] = [];
  return {
    store: {
      read: async () => [...durable],
      append: (entry: BudgetEntry) => new Promise<void>((resolve) => pending.push({ entry, resolve })),
      close: async () => undefined,
    },
    /** Everything the budget decided, durable or not. */
    decided: () => [...durable, ...pending.map(({ entry }) => entry)],
    async flush(count: number) {
      for (const { entry, resolve } of pending.splice(0, count)) {
        durable.push(entry);
        resolve();
      }
      await setImmediate();
    },
    crash(kept: number) {
      durable.push(...pending.slice(0, kept).map(({ entry }) => entry));
      pending = [];
    },
  };
}

type Disk = ReturnType<typeof createTestDisk>;
type Reserved = Extract<BudgetEntry, { type: 'reserved' }>;
type Unit = 'nanoUsd' | 'tokens';

/** The sums in a scope, added up from scratch: what was settled as such, everything else as reserved. */
function totalOf(
  entries: readonly BudgetEntry[],
  isInScope: (entry: Reserved) => boolean,
  unit: Unit,
): number {
  let total = 0;
  for (const entry of entries) {
    if (entry.type !== 'reserved' || !isInScope(entry)) continue;
    const settled = entries.find((other) => other.type === 'settled' && other.id === entry.id);
    total += settled?.type === 'settled' ? settled[unit] : entry[unit];
  }
  return total;
}

/** By how much settlements were larger than what they replace. */
function overrunOf(
  entries: readonly BudgetEntry[],
  isInScope: (entry: Reserved) => boolean,
  unit: Unit,
): number {
  let total = 0;
  for (const entry of entries) {
    if (entry.type !== 'reserved' || !isInScope(entry)) continue;
    const settled = entries.find((other) => other.type === 'settled' && other.id === entry.id);
    if (settled?.type === 'settled') total += Math.max(0, settled[unit] - entry[unit]);
  }
  return total;
}

/** Every bound that a call is under, with who else counts in it. */
function boundsOf(policy: BudgetPolicy, call: SpendScope) {
  const scopes: { limits: BudgetLimits | undefined; isInScope: (entry: Reserved) => boolean }[] = [
    { limits: policy.run, isInScope: () => true },
    { limits: policy.providers?.[call.provider], isInScope: ({ provider }) => provider === call.provider },
    { limits: call.taskId && policy.task, isInScope: ({ taskId }) => taskId === call.taskId },
    { limits: call.attemptId && policy.attempt, isInScope: ({ attemptId }) => attemptId === call.attemptId },
    { limits: policy.call, isInScope: () => false },
  ];
  return scopes.flatMap(({ limits, isInScope }) => [
    { unit: 'nanoUsd' as const, limit: Math.round((limits?.usd ?? Infinity) * 1e9), isInScope },
    { unit: 'tokens' as const, limit: limits?.tokens ?? Infinity, isInScope },
  ]);
}

/** In whole thousandths of a dollar per million: then a token costs whole billionths. */
const millis = fc.nat(20).map((count) => count / 1_000);
const calls = fc.record({
  provider: fc.constantFrom('own', 'hosted'),
  model: fc.constant('model'),
  price: fc.option(fc.record({ inputUsdPerMillion: millis, outputUsdPerMillion: millis }), {
    nil: undefined,
    freq: 10,
  }),
  promptTokens: fc.nat(60),
  maxCompletionTokens: fc.nat(60),
  who: fc.constantFrom<Pick<SpendScope, 'taskId' | 'attemptId'>>(
    {},
    { taskId: 'a' as TaskId },
    { taskId: 'a' as TaskId, attemptId: 'a.1' as AttemptId },
    { taskId: 'b' as TaskId, attemptId: 'b.1' as AttemptId },
  ),
});
const limits = fc.record(
  { usd: fc.nat(30_000).map((nano) => nano / 1e9), tokens: fc.nat(2_000) },
  { requiredKeys: [] },
);
const policies: fc.Arbitrary<BudgetPolicy> = fc.record(
  {
    run: limits,
    task: limits,
    attempt: limits,
    call: limits,
    providers: fc.record({ own: limits, hosted: limits }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const actions = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('reserve' as const), call: calls }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        pick: fc.nat(20),
        promptTokens: fc.nat(80),
        completionTokens: fc.nat(80),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('flush' as const), count: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), kept: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('policy' as const), policy: policies }) },
  ),
  // Otherwise nearly all sequences have ten steps or fewer.
  { maxLength: 60, size: 'max' },
);

interface World {
  readonly disk: Disk;
  budget: Budget;
  policy: BudgetPolicy;
  /** Reservations that were acknowledged by the process that lives now. */
  held: Reservation[];
  readonly acknowledged: Set<string>;
}

/** Reserves, and checks the answer against sums that are added up from scratch. */
function reserve(
  world: World,
  { who, ...call }: typeof calls extends fc.Arbitrary<infer C> ? C : never,
): void {
  const request: ReserveRequest = { ...call, ...who };
  const before = world.disk.decided();
  const { inputUsdPerMillion = 0, outputUsdPerMillion = 0 } = call.price ?? {};
  const wanted = {
    nanoUsd:
      call.promptTokens * Math.round(inputUsdPerMillion * 1_000) +
      call.maxCompletionTokens * Math.round(outputUsdPerMillion * 1_000),
    tokens: call.promptTokens + call.maxCompletionTokens,
  };
  const bounds = boundsOf(world.policy, request);
  const lacksPrice =
    call.price === undefined && bounds.some(({ unit, limit }) => unit === 'nanoUsd' && limit !== Infinity);
  const fits = bounds.every(
    ({ unit, limit, isInScope }) =>
      wanted[unit] === 0 || totalOf(before, isInScope, unit) + wanted[unit] <= limit,
  );
  const expected = lacksPrice ? 'PRICE_UNKNOWN' : fits ? 'held' : 'BUDGET_EXHAUSTED';
  const { held } = world;
  world.budget.reserve(request).then(
    (reservation) => {
      expect(expected).toBe('held');
      held.push(reservation);
      world.acknowledged.add(reservation.id);
    },
    (error: unknown) => expect(error).toMatchObject({ code: expected }),
  );
  // The decision does not wait for anything: it can be seen at once.
  const decided = world.disk.decided().slice(before.length);
  expect(decided).toEqual(expected === 'held' ? [expect.objectContaining(wanted)] : []);
}

async function perform(world: World, action: typeof actions extends fc.Arbitrary<(infer A)[]> ? A : never) {
  switch (action.do) {
    case 'reserve':
      return reserve(world, action.call);
    case 'settle': {
      const [reservation] = world.held.splice(action.pick % Math.max(1, world.held.length), 1);
      void reservation?.settle({ ...action, estimated: false });
      return;
    }
    case 'flush':
      return world.disk.flush(action.count);
    case 'policy':
      world.policy = action.policy;
      void world.budget.setPolicy(action.policy);
      return;
    case 'crash':
      world.held = [];
      world.disk.crash(action.kept);
      world.budget = await createBudget({ store: world.disk.store });
      world.policy = world.budget.status().policy;
      return checkResumed(world);
  }
}

/** After a restart nothing is reserved, everything on disk is counted, and all that was acknowledged is there. */
function checkResumed({ disk, budget, acknowledged }: World): void {
  const entries = disk.decided();
  const set = entries.findLast((entry) => entry.type === 'policy_set');
  const { spent, reserved, policy } = budget.status();
  expect({ spent, reserved, policy }).toEqual({
    spent: {
      usd: totalOf(entries, () => true, 'nanoUsd') / 1e9,
      tokens: totalOf(entries, () => true, 'tokens'),
    },
    reserved: { usd: 0, tokens: 0 },
    policy: set?.type === 'policy_set' ? set.policy : {},
  });
  const ids = new Set(entries.flatMap((entry) => (entry.type === 'reserved' ? [entry.id] : [])));
  expect(acknowledged.difference(ids)).toEqual(new Set());
}

function checkCounted({ disk, budget }: World): void {
  const entries = disk.decided();
  const { spent, reserved } = budget.status();
  expect(Math.round((spent.usd + reserved.usd) * 1e9)).toBe(totalOf(entries, () => true, 'nanoUsd'));
  expect(spent.tokens + reserved.tokens).toBe(totalOf(entries, () => true, 'tokens'));
}

async function openWorld(policy: BudgetPolicy): Promise<World> {
  const disk = createTestDisk();
  const opened = createBudget({ policy, store: disk.store });
  await setImmediate();
  await disk.flush(1);
  return { disk, budget: await opened, policy, held: [], acknowledged: new Set() };
}

it('admits exactly what fits, whatever is settled, lost in a crash or not yet durable', async () => {
  await fc.assert(
    fc.asyncProperty(policies, actions, async (policy, steps) => {
      const world = await openWorld(policy);
      for (const step of steps) {
        await perform(world, step);
        checkCounted(world);
      }
      await world.disk.flush(Infinity);
      world.budget = await createBudget({ store: world.disk.store });
      checkResumed(world);
    }),
    { numRuns: RUNS },
  );
});

it('never exceeds a cap by more than calls used beyond what they had reserved', async () => {
  const steadySteps = actions.map((steps) => steps.filter((step) => step.do !== 'policy'));
  await fc.assert(
    fc.asyncProperty(policies, steadySteps, async (policy, steps) => {
      const world = await openWorld(policy);
      for (const step of steps) {
        await perform(world, step);
        const entries = world.disk.decided();
        for (const entry of entries) {
          if (entry.type !== 'reserved') continue;
          for (const { unit, limit, isInScope } of boundsOf(policy, entry)) {
            const total = totalOf(entries, isInScope, unit);
            expect(total).toBeLessThanOrEqual(limit + overrunOf(entries, isInScope, unit));
          }
        }
      }
    }),
    { numRuns: Math.ceil(RUNS / 4) },
  );
});

it('names the smallest limit that admits the call', async () => {
  const amounts = fc.record({
    spent: fc.integer({ min: 1, max: 1e9 }),
    wanted: fc.integer({ min: 1, max: 1e9 }),
  });
  await fc.assert(
    fc.asyncProperty(amounts, fc.integer({ min: 1, max: 100_000 }), async ({ spent, wanted }, milli) => {
      const price = { inputUsdPerMillion: milli / 1_000 };
      const call = { provider: 'p', model: 'm', price, maxCompletionTokens: 0 };
      await using budget = await createBudget();
      await budget.reserve({ ...call, promptTokens: spent });
      await budget.setPolicy({ run: { usd: 0 } });
      const refused: unknown = await budget
        .reserve({ ...call, promptTokens: wanted })
        .catch((error: unknown) => error);
      const { needed } = (refused as { details: { needed: number } }).details;
      await budget.setPolicy({ run: { usd: needed - 1e-9 } });
      await expect(budget.reserve({ ...call, promptTokens: wanted })).rejects.toThrow();
      await budget.setPolicy({ run: { usd: needed } });
      await budget.reserve({ ...call, promptTokens: wanted });
    }),
    { numRuns: RUNS },
  );
});
