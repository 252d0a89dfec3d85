import { findUndeclaredFiles, type Handoff, type ScopeRules } from '@agentswarm/core';

/** Whether the changed files of an attempt may enter the merge queue. */
export type HandInVerdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly files: readonly string[]; readonly reason: string }
  | { readonly kind: 'unfinished'; readonly reason: string };

/** Checks what an attempt changed against what its task declared, and its own report. */
export function judgeHandIn(files: readonly string[], handoff: Handoff, rules: ScopeRules): HandInVerdict {
  const undeclared = findUndeclaredFiles(files, rules);
  if (undeclared.length > 0) {
    return {
      kind: 'refused',
      files: undeclared,
      reason: `changed ${undeclared.length === 1 ? 'a file' : 'files'} outside the scope of the task: ${undeclared.join(', ')}`,
    };
  }
  if (handoff.status !== 'complete') {
    return { kind: 'unfinished', reason: `the agent reported ${handoff.status}: ${handoff.summary}` };
  }
  if (files.length === 0) return { kind: 'unfinished', reason: 'its commits change no file' };
  return { kind: 'accepted' };
}
