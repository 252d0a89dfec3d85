import type { PolicyRule, PolicySet } from '../model/manifest-set.ts';
import { POLICY_ACTIONS, POLICY_TARGETS } from '../model/vocabulary.ts';
import type { Fields } from './fields.ts';

/** Reads an entry of `policy.yaml`. */
export function parsePolicySet(fields: Fields): PolicySet {
  const set: PolicySet = {
    name: fields.requiredText('name'),
    enabled: fields.flag('enabled', true),
    default: fields.choice('default', POLICY_ACTIONS) ?? 'allow',
    rules: fields.entries('rules').map(parseRule),
  };
  fields.close();
  return set;
}

function parseRule(fields: Fields): PolicyRule {
  const rule: PolicyRule = {
    target: fields.requiredChoice('target', POLICY_TARGETS),
    target_id: fields.requiredText('target_id'),
    action: fields.requiredChoice('action', POLICY_ACTIONS),
    reason: fields.prose('reason'),
  };
  fields.close();
  // Whether it names something is not asked of a rule that has to be written again anyway.
  return fields.isBroken ? { ...rule, target_id: '' } : rule;
}
