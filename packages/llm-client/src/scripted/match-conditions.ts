import type { Conversation } from './chat-request.ts';
import type { Conditions, ResultConditions } from './script-schema.ts';

/** Values of named groups. */
export type Captures = Readonly<Record<string, string>>;

/** How far a set of conditions holds: with the captured groups, or with the first condition that does not. */
export type Match =
  | { readonly holds: true; readonly captures: Captures }
  | { readonly holds: false; readonly heldBefore: number; readonly failed: string };

interface Check {
  readonly label: string;
  readonly pattern: RegExp;
  readonly text: string;
  /** The pattern must not match. */
  readonly absent: boolean;
}

export function matchConditions(when: Conditions, conversation: Conversation): Match {
  const { model, system, user, lastUser } = conversation;
  return runChecks([
    ...checksOf('model', when.model ? [when.model] : [], model),
    ...checksOf('system', when.system, system),
    ...checksOf('user', when.user, user),
    ...checksOf('lastUser', when.lastUser, lastUser),
    ...checksOf('lacks', when.lacks, user),
  ]);
}

export function matchResultConditions(when: ResultConditions, toolResults: readonly string[]): Match {
  const joined = toolResults.join('\n');
  return runChecks([
    ...checksOf('lastToolResult', when.lastToolResult, toolResults.at(-1) ?? ''),
    ...checksOf('anyToolResult', when.anyToolResult, joined),
    ...checksOf('lacksToolResult', when.lacksToolResult, joined),
  ]);
}

function checksOf(label: string, patterns: readonly RegExp[] | undefined, text: string): Check[] {
  const absent = label.startsWith('lacks');
  return (patterns ?? []).map((pattern, index) => ({ label: `${label}[${index}]`, pattern, text, absent }));
}

function runChecks(checks: readonly Check[]): Match {
  let captures: Captures = {};
  for (const [heldBefore, { label, pattern, text, absent }] of checks.entries()) {
    const found = pattern.exec(text);
    if ((found === null) !== absent) {
      const failed = `${label} ${String(pattern)} ${absent ? 'matches but must not' : 'does not match'}`;
      return { holds: false, heldBefore, failed };
    }
    captures = { ...captures, ...definedGroups(found) };
  }
  return { holds: true, captures };
}

function definedGroups(found: RegExpExecArray | null): Captures {
  const groups: readonly (readonly [string, string | undefined])[] = Object.entries(found?.groups ?? {});
  return Object.fromEntries(groups.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
