import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BudgetPolicySchema } from './budget-policy.ts';
import { budgetPolicyOf, budgetSettingsOf } from './budget-settings.ts';
import { resolveConfig } from './settings.ts';

const limits = fc.oneof(
  fc.record({ usd: fc.integer({ min: 1, max: 1_000_000 }).map((cents) => cents / 100) }),
  fc.record({ tokens: fc.integer({ min: 1 }) }),
);
const policies = fc.record(
  {
    run: limits,
    task: limits,
    attempt: limits,
    call: limits,
    providers: fc.dictionary(fc.string({ minLength: 1 }), limits),
  },
  { requiredKeys: [] },
);

it('a policy survives being written as settings, read as configuration and stated again', () => {
  fc.assert(
    fc.property(policies, (given) => {
      const policy = BudgetPolicySchema.parse(given);
      const entries = { ...budgetSettingsOf(policy) };
      const config = resolveConfig([{ origin: 'journal', kind: 'values', entries }]);
      expect(budgetPolicyOf(config)).toEqual(policy);
    }),
  );
});

it('states no scope without a bound', () => {
  expect(budgetPolicyOf({})).toEqual({});
});
