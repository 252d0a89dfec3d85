import { expect, it } from 'vitest';
import type { PolicyRule, PolicySet } from '../model/manifest-set.ts';
import { createPolicy } from './policy.ts';

function rule(
  target: PolicyRule['target'],
  target_id: string,
  action: PolicyRule['action'],
  reason = '',
): PolicyRule {
  return { target, target_id, action, reason };
}

function set(name: string, rules: readonly PolicyRule[], rest: Partial<PolicySet> = {}): PolicySet {
  return { name, enabled: true, default: 'allow', rules, ...rest };
}

it('allows everything without sets', () => {
  expect(createPolicy([]).check('tool', 'anything')).toEqual({ allowed: true });
});

it('names the first set that denies, with its reason or a text of its own', () => {
  const policy = createPolicy([
    set('off', [rule('tool', 'shell', 'deny', 'never asked')], { enabled: false }),
    set('first', [rule('tool', 'shell', 'deny', 'no shells here'), rule('node', 'n', 'deny')]),
    set('second', [rule('tool', 'shell', 'deny', 'too late')]),
  ]);
  expect(policy.check('tool', 'shell')).toEqual({ allowed: false, reason: 'no shells here', set: 'first' });
  expect(policy.check('node', 'n')).toEqual({
    allowed: false,
    reason: 'node "n" is denied by policy "first"',
    set: 'first',
  });
  expect(policy.check('context', 'shell')).toEqual({ allowed: true });
});

it('lets deny win over allow, in whatever set and order', () => {
  const allow = set('a', [rule('tool', 't', 'allow'), rule('tool', 'u', 'allow')], { default: 'deny' });
  const deny = set('b', [rule('tool', 't', 'deny', 'no')]);
  for (const sets of [
    [allow, deny],
    [deny, allow],
  ]) {
    expect(createPolicy(sets).check('tool', 't')).toEqual({ allowed: false, reason: 'no', set: 'b' });
    expect(createPolicy(sets).check('tool', 'u')).toEqual({ allowed: true });
  }
});

it('takes the allow rules of a denying set for a whitelist of the targets it is about', () => {
  const policy = createPolicy([set('only-reads', [rule('tool', 'read', 'allow')], { default: 'deny' })]);
  expect(policy.check('tool', 'read')).toEqual({ allowed: true });
  expect(policy.check('tool', 'write')).toMatchObject({ allowed: false, set: 'only-reads' });
  expect(policy.check('node', 'any')).toEqual({ allowed: true });
  const closed = createPolicy([set('closed', [], { default: 'deny' })]);
  expect(closed.check('node', 'any')).toMatchObject({ allowed: false, set: 'closed' });
});

it('knows the wildcard, and a context by its profile and its store', () => {
  const policy = createPolicy([set('c', [rule('context', 'project', 'deny'), rule('tool', '*', 'deny')])]);
  expect(policy.check('context', 'my-profile', 'task')).toEqual({ allowed: true });
  expect(policy.check('context', 'my-profile', 'project')).toMatchObject({ allowed: false });
  expect(policy.check('tool', '__proto__')).toMatchObject({ allowed: false });
  const listed = createPolicy([set('l', [rule('context', 'task', 'allow')], { default: 'deny' })]);
  expect(listed.check('context', 'my-profile', 'task')).toEqual({ allowed: true });
});
