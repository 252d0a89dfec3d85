import { findUndeclaredFiles, type Handoff, type ScopeRules } from '@agentswarm/core';
import type { GuardFinding } from '@agentswarm/merge-queue';

/** What an attempt did, as far as it can be seen from its commits. */
export interface HandInWork {
  readonly files: readonly string[];
  readonly findings: readonly GuardFinding[];
}

/** Whether the changed files of an attempt may enter the merge queue. */
export type HandInVerdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly files: readonly string[]; readonly reason: string }
  | { readonly kind: 'unfinished'; readonly reason: string };

/** Checks what an attempt changed against what its task declared, the guards of the queue, and its own report. */
export function judgeHandIn(work: HandInWork, handoff: Handoff, rules: ScopeRules): HandInVerdict {
  const { files, findings } = work;
  const undeclared = findUndeclaredFiles(files, rules);
  if (undeclared.length > 0) {
    return {
      kind: 'refused',
      files: undeclared,
      reason: `changed ${undeclared.length === 1 ? 'a file' : 'files'} outside the scope of the task: ${undeclared.join(', ')}`,
    };
  }
  // The queue warns by itself, and refuses for the first reason, too.
  const refusal = findings.find(({ kind }) => kind === 'refuse');
  if (refusal !== undefined) {
    return { kind: 'refused', files: refusal.paths, reason: `${refusal.reason}: ${refusal.message}` };
  }
  if (handoff.status !== 'complete') {
    return { kind: 'unfinished', reason: `the agent reported ${handoff.status}: ${handoff.summary}` };
  }
  if (files.length === 0) return { kind: 'unfinished', reason: 'its commits change no file' };
  return { kind: 'accepted' };
}
