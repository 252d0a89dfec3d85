import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelTags, OWN_TAGS, readTags, tagsOf, type CloudFacts } from './tags.ts';

const text = fc.string({ minLength: 1 });
const whole = fc.nat(2_000_000_000_000);
const facts: fc.Arbitrary<CloudFacts> = fc.record({
  id: text,
  labels: fc.record(
    {
      run: text,
      purpose: fc.constantFrom('attempt', 'gate', 'dependencies', 'command'),
      task: text,
      attempt: text,
    },
    { requiredKeys: ['run', 'purpose'] },
  ),
  createdAtMs: whole,
  machine: text,
  claim: fc.oneof(
    fc.record({ kind: fc.constant('leased' as const), untilMs: whole }),
    fc.record({ kind: fc.constant('detached' as const), endsAtMs: whole }, { requiredKeys: ['kind'] }),
  ),
});

it('reads what it wrote', () => {
  fc.assert(
    fc.property(facts, (known) => {
      expect(readTags(tagsOf(known))).toEqual(known);
    }),
  );
});

it('has every sandbox found by its labels', () => {
  fc.assert(
    fc.property(facts, (known) => {
      expect(tagsOf(known)).toMatchObject({ ...labelTags({ run: known.labels.run }), ...OWN_TAGS });
    }),
  );
});

it('takes the tags of others for none of its own', () => {
  const tags = tagsOf({
    id: 'sbx-1',
    labels: { run: 'run-1', purpose: 'gate' },
    createdAtMs: 1,
    machine: 'm',
    claim: { kind: 'detached' },
  });
  for (const name of ['agentswarm-id', 'agentswarm-run', 'agentswarm-machine']) {
    const { [name]: _missing, ...rest } = tags;
    expect(readTags(rest), name).toBeUndefined();
  }
  expect(readTags({ ...tags, 'agentswarm-made': 'yesterday' })).toBeUndefined();
  expect(readTags({ ...tags, 'agentswarm-purpose': 'other' })).toBeUndefined();
  expect(readTags({ ...tags, 'agentswarm-lease': '', other: 'tag' })?.claim).toEqual({ kind: 'detached' });
});
