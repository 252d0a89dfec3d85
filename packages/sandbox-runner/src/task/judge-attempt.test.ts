import { AttemptIdSchema, BranchNameSchema, CommitShaSchema, HandoffSchema } from '@agentswarm/core';
import { expect, test } from 'vitest';
import { judgeAttempt, type AttemptEvidence, type WorkerEnd } from './judge-attempt.ts';

const base = CommitShaSchema.parse('a'.repeat(40));
const head = CommitShaSchema.parse('b'.repeat(40));
const terms = {
  attemptId: AttemptIdSchema.parse('task.1'),
  base,
  branch: BranchNameSchema.parse('worker/task.1'),
};
const handoff = HandoffSchema.parse({
  v: 1,
  attemptId: terms.attemptId,
  status: 'complete',
  summary: 'done',
  branch: terms.branch,
  base,
  head,
  metrics: { turns: 1, toolCalls: 1, durationMs: 1 },
});
const missing = { reason: 'handoff_missing', message: 'the worker ended without a handoff' } as const;

const ENDS: readonly (readonly [WorkerEnd, string, string])[] = [
  [{ kind: 'unheard' }, 'worker_died', 'nobody was connected'],
  [{ kind: 'never_heard' }, 'sandbox_failed', 'nothing was ever heard'],
  [{ kind: 'silent', silenceMs: 7 }, 'worker_died', 'nothing for 7 ms'],
  [{ kind: 'overtime', timeoutMs: 8 }, 'timed_out', 'time limit of 8 ms'],
  [{ kind: 'flooded', maxBytes: 9 }, 'worker_died', 'more than 9 bytes'],
  [{ kind: 'gone', why: 'removed' }, 'sandbox_failed', 'removed'],
];

function judge(end: WorkerEnd, more: Partial<AttemptEvidence> = {}) {
  return judgeAttempt({ assignment: terms, end, errorFrame: undefined, handoff: missing, head, ...more });
}

test.each(ENDS)('names the end of a worker without a handoff: %j', (end, reason, message) => {
  expect(judge(end)).toMatchObject({
    status: 'failed',
    reason,
    head,
    message: expect.stringContaining(message) as string,
  });
});

test.each(ENDS)('takes a complete handoff whatever came after it: %j', (end) => {
  expect(judge(end, { handoff })).toMatchObject({ status: 'handed_off', head });
});

test('takes no handoff of an attempt that was stopped', () => {
  const result = judge({ kind: 'stopped', why: 'enough' }, { handoff });
  expect(result).toMatchObject({ status: 'failed', reason: 'worker_died', head });
});
