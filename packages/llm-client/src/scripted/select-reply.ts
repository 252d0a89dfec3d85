import type { Conversation } from './chat-request.ts';
import { matchConditions, matchResultConditions, type Captures } from './match-conditions.ts';
import { fillReply } from './fill-reply.ts';
import type { Alternative, Reply, Rule, Script } from './script-schema.ts';

export type Selection =
  | { readonly ok: true; readonly rule: string; readonly reply: Reply }
  | { readonly ok: false; readonly problem: string };

/** The authored answer to a conversation, or why there is none. */
export function selectReply(script: Script, conversation: Conversation): Selection {
  const found = findRule(script.rules, conversation);
  if (!('rule' in found)) return { ok: false, problem: found.problem };
  const { rule, captures } = found;
  const where = `rule "${rule.name}" (${rule.file})`;
  const step = rule.steps[conversation.step - 1];
  if (step === undefined) {
    return { ok: false, problem: `${where} has only ${rule.steps.length} step(s)` };
  }
  const choice = chooseAlternative(step, conversation.toolResults);
  if (!('reply' in choice))
    return { ok: false, problem: `${where} step ${conversation.step}: ${choice.problem}` };
  const reply = fillReply(choice.reply, { ...captures, ...choice.captures });
  const missing = (reply.toolCalls ?? []).find(({ name }) => !conversation.toolNames.includes(name));
  if (missing !== undefined) {
    const offered = conversation.toolNames.join(', ') || 'none';
    return {
      ok: false,
      problem: `${where} step ${conversation.step} calls tool "${missing.name}", but the request offers: ${offered}`,
    };
  }
  return { ok: true, rule: rule.name, reply };
}

function findRule(
  rules: readonly Rule[],
  conversation: Conversation,
): { rule: Rule; captures: Captures } | { problem: string } {
  let closest: { rule: Rule; heldBefore: number; failed: string } | undefined;
  for (const rule of rules) {
    const match = matchConditions(rule.when, conversation);
    if (match.holds) return { rule, captures: match.captures };
    if (closest === undefined || match.heldBefore > closest.heldBefore) closest = { rule, ...match };
  }
  if (closest === undefined) return { problem: 'the script has no rules' };
  const { rule, failed } = closest;
  return { problem: `no rule applies; the closest is "${rule.name}" (${rule.file}), whose ${failed}` };
}

function chooseAlternative(
  alternatives: readonly Alternative[],
  toolResults: readonly string[],
): { reply: Reply; captures: Captures } | { problem: string } {
  const failures: string[] = [];
  for (const { when, ...reply } of alternatives) {
    const match = matchResultConditions(when ?? {}, toolResults);
    if (match.holds) return { reply, captures: match.captures };
    failures.push(match.failed);
  }
  return { problem: `no alternative applies: ${failures.join('; ')}` };
}
