import { HandoffSchema, type Handoff, type ScopeRules } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { judgeHandIn } from './hand-in.ts';

const RULES = { scope: ['src/a.ts', 'src/b/'], shared: ['package.json'], forbidden: ['AGENTS.md'] };
const handoff = (status: string) =>
  HandoffSchema.parse({
    v: 1,
    attemptId: 'a.1',
    status,
    summary: 'stopped at the parser',
    branch: 'worker/a.1',
    base: 'a'.repeat(40),
    head: 'b'.repeat(40),
    metrics: { turns: 1, toolCalls: 1, durationMs: 1 },
  });

const judge = (files: readonly string[], ...rest: [Handoff, ScopeRules]) =>
  judgeHandIn({ files, findings: [] }, ...rest);

describe('judgeHandIn', () => {
  it('accepts files in scope and shared ones', () => {
    expect(judge(['src/a.ts', 'src/b/c.ts', 'package.json'], handoff('complete'), RULES)).toEqual({
      kind: 'accepted',
    });
  });

  it('refuses everything else and lists it', () => {
    expect(judge(['src/a.ts', 'README.md', 'AGENTS.md'], handoff('complete'), RULES)).toMatchObject({
      kind: 'refused',
      files: ['README.md', 'AGENTS.md'],
    });
  });

  it('does not land commits without a change', () => {
    expect(judge([], handoff('complete'), RULES)).toEqual({
      kind: 'unfinished',
      reason: 'its commits change no file',
    });
  });

  it('does not land work its agent calls unfinished', () => {
    expect(judge(['src/a.ts'], handoff('blocked'), RULES)).toEqual({
      kind: 'unfinished',
      reason: 'the agent reported blocked: stopped at the parser',
    });
  });

  it('refuses what the queue would refuse, and leaves warnings to it', () => {
    const files = ['src/a.ts'];
    const warning = { kind: 'warn', reason: 'unexplained_changes', message: 'odd', paths: files } as const;
    const refusal = { kind: 'refuse', reason: 'silent_revert', message: 'goes back', paths: files } as const;
    expect(judgeHandIn({ files, findings: [warning] }, handoff('complete'), RULES)).toEqual({
      kind: 'accepted',
    });
    expect(judgeHandIn({ files, findings: [warning, refusal] }, handoff('complete'), RULES)).toEqual({
      kind: 'refused',
      files,
      reason: 'silent_revert: goes back',
    });
  });
});
