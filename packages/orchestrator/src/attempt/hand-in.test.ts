import { HandoffSchema } from '@agentswarm/core';
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

describe('judgeHandIn', () => {
  it('accepts files in scope and shared ones', () => {
    expect(judgeHandIn(['src/a.ts', 'src/b/c.ts', 'package.json'], handoff('complete'), RULES)).toEqual({
      kind: 'accepted',
    });
  });

  it('refuses everything else and lists it', () => {
    expect(judgeHandIn(['src/a.ts', 'README.md', 'AGENTS.md'], handoff('complete'), RULES)).toMatchObject({
      kind: 'refused',
      files: ['README.md', 'AGENTS.md'],
    });
  });

  it('does not land commits without a change', () => {
    expect(judgeHandIn([], handoff('complete'), RULES)).toEqual({
      kind: 'unfinished',
      reason: 'its commits change no file',
    });
  });

  it('does not land work its agent calls unfinished', () => {
    expect(judgeHandIn(['src/a.ts'], handoff('blocked'), RULES)).toEqual({
      kind: 'unfinished',
      reason: 'the agent reported blocked: stopped at the parser',
    });
  });
});
