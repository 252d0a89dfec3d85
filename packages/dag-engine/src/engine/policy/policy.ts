import type { PolicyRule, PolicySet } from '../model/manifest-set.ts';
import type { PolicyTarget } from '../model/vocabulary.ts';

/** What a policy says of a use; `set` names the set that forbade it. */
type PolicyVerdict =
  { readonly allowed: true } | { readonly allowed: false; readonly reason: string; readonly set: string };

export interface Policy {
  /** Whether a target may be used that goes by any of these ids: a context is its profile and its store. */
  check(target: PolicyTarget, ...ids: readonly [string, ...string[]]): PolicyVerdict;
}

/**
 * Makes the policy of the enabled sets, asked in their order. A `deny` that matches wins over everything. A set with
 * `default: deny` allows only what its `allow` rules name, among the kinds of targets its rules are about; with no
 * rules at all it is about every kind. No sets: everything is allowed.
 */
export function createPolicy(sets: readonly PolicySet[]): Policy {
  const enabled = sets.filter((set) => set.enabled);
  return {
    check: (target, ...ids) =>
      firstDenial(enabled, (set) => denied(set, target, ids)) ??
      firstDenial(enabled, (set) => notListed(set, target, ids)) ?? { allowed: true },
  };
}

function firstDenial(
  sets: readonly PolicySet[],
  judge: (set: PolicySet) => PolicyVerdict | undefined,
): PolicyVerdict | undefined {
  for (const set of sets) {
    const verdict = judge(set);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function denied(set: PolicySet, target: PolicyTarget, ids: readonly string[]): PolicyVerdict | undefined {
  const rule = set.rules.find((candidate) => candidate.action === 'deny' && applies(candidate, target, ids));
  if (rule === undefined) return undefined;
  return { allowed: false, reason: rule.reason || refusal(set, target, ids), set: set.name };
}

function notListed(set: PolicySet, target: PolicyTarget, ids: readonly string[]): PolicyVerdict | undefined {
  if (set.default !== 'deny' || !isAbout(set, target)) return undefined;
  const listed = set.rules.some((rule) => rule.action === 'allow' && applies(rule, target, ids));
  return listed ? undefined : { allowed: false, reason: refusal(set, target, ids), set: set.name };
}

function isAbout(set: PolicySet, target: PolicyTarget): boolean {
  return set.rules.length === 0 || set.rules.some((rule) => rule.target === target);
}

function applies(rule: PolicyRule, target: PolicyTarget, ids: readonly string[]): boolean {
  return rule.target === target && (rule.target_id === '*' || ids.includes(rule.target_id));
}

function refusal(set: PolicySet, target: PolicyTarget, ids: readonly string[]): string {
  return `${target} "${ids.join('" / "')}" is denied by policy "${set.name}"`;
}
