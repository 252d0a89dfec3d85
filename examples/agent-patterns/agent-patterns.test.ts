import { describe, expect, it } from 'vitest';
import type { Engine } from '@agentswarm/dag-engine/engine';
import { committee } from './committee.ts';
import { debate } from './debate.ts';
import { retryLoop } from './retry-loop.ts';
import { review } from './review.ts';
import { openRoles } from './roles.ts';
import { scriptedModel, type Script } from './scripted-model.ts';
import { authorAndReviewer, bookshop, councillors, debaters, forgetfulWriter } from './scripts.ts';
import { supervise } from './supervisor.ts';

async function withRoles(script: Script, check: (engine: Engine) => Promise<void>): Promise<void> {
  await using engine = await openRoles(scriptedModel(script));
  expect(engine.manifestWarnings).toEqual([]);
  await check(engine);
}

/** Which agents ran, one for each run of the engine. */
function askedRoles(engine: Engine): readonly (string | null)[] {
  const asked = engine.getEventsByType('node_started').filter(({ payload }) => payload['kind'] === 'agent');
  return asked.map(({ stage_id }) => stage_id);
}

describe('retry loop', () => {
  it('runs again with what was wrong, and stops at the first success', async () => {
    await withRoles(forgetfulWriter, async (engine) => {
      const { attempts, result } = await retryLoop(engine, 'Write a note', 3);
      expect([attempts, result.status]).toEqual([2, 'success']);
      expect(result.output).toEqual({ text: 'Written as asked.' });
      const [first, second] = engine.getTasksByStatus('failed').concat(engine.getTasksByStatus('completed'));
      expect(first?.spec.request).toEqual({ task: 'Write a note', problem: null });
      expect(second?.spec.request).toMatchObject({ problem: first?.failure_signatures[0]?.message });
      expect(second?.history.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    });
  });

  it('gives the last failure when the attempts are used up', async () => {
    await withRoles(
      () => 'never JSON of that form',
      async (engine) => {
        const { attempts, result } = await retryLoop(engine, 'Write a note', 3);
        expect([attempts, result.status, engine.getTaskCount()]).toEqual([3, 'failure', 3]);
        expect(result.error?.error_id).toBe('output_schema_mismatch');
      },
    );
  });
});

describe('supervisor and workers', () => {
  it('hands out work in rounds until nothing is left', async () => {
    await withRoles(bookshop, async (engine) => {
      expect((await supervise(engine, 'A page', 5)).map(({ part }) => part)).toEqual([
        'outline',
        'opening hours',
        'prices',
      ]);
      expect(askedRoles(engine)).toEqual([
        'supervisor',
        'writer',
        'supervisor',
        'writer',
        'writer',
        'supervisor',
      ]);
    });
  });

  it('shows the supervisor everything and a worker only its part', async () => {
    const seen: string[] = [];
    const watched: Script = (role, input) => {
      seen.push(`${role} ${JSON.stringify(input)}`);
      return bookshop(role, input);
    };
    await withRoles(watched, async (engine) => {
      await supervise(engine, 'A page', 5);
    });
    expect(seen[1]).toBe('writer {"task":"outline"}');
    expect(seen[2]).toBe('supervisor {"goal":"A page","done":[{"part":"outline","text":"About outline"}]}');
  });

  it('does not wait for ever for a supervisor who is never done', async () => {
    await withRoles(
      (role) => (role === 'writer' ? { text: 'x' } : { parts: ['more'] }),
      async (engine) => await expect(supervise(engine, 'A page', 2)).rejects.toThrow('after 2 rounds'),
    );
  });
});

describe('committee', () => {
  it('decides by more than half, each member asked once and alone', async () => {
    await withRoles(councillors, async (engine) => {
      const { approved, votes } = await committee(engine, 'A bridge', [
        'architect',
        'treasurer',
        'neighbour',
      ]);
      expect([approved, votes.map((vote) => vote.approved)]).toEqual([true, [true, false, true]]);
      expect(engine.getTaskCount()).toBe(3);
    });
  });

  it('does not approve on a tie', async () => {
    await withRoles(councillors, async (engine) => {
      expect((await committee(engine, 'A bridge', ['architect', 'treasurer'])).approved).toBe(false);
    });
  });
});

describe('debate', () => {
  it('lets both sides take turns and the judge see all of it', async () => {
    await withRoles(debaters, async (engine) => {
      const { said, verdict } = await debate(engine, 'A bridge?', 2);
      expect(said.map(({ side, text }) => `${side}: ${text}`)).toEqual([
        'for: Yes, and that is argument 1.',
        'against: No, and that is argument 2.',
        'for: Yes, and that is argument 3.',
        'against: No, and that is argument 4.',
      ]);
      expect(verdict.reason).toBe('The last of 4 words was against it.');
    });
  });
});

describe('review', () => {
  it('goes back and forth until the draft is approved', async () => {
    await withRoles(authorAndReviewer, async (engine) => {
      expect(await review(engine, 'Write minutes', 5)).toEqual({
        text: 'Some text\n# Title\n2030-01-01',
        approved: true,
        findings: ['"# Title" is missing.', '"2030-01-01" is missing.'],
      });
      expect(askedRoles(engine)).toEqual(['writer', 'judge', 'writer', 'judge', 'writer', 'judge']);
    });
  });

  it('ends with what is still wrong when the drafts are used up', async () => {
    await withRoles(authorAndReviewer, async (engine) => {
      const { approved, findings } = await review(engine, 'Write minutes', 2);
      expect([approved, findings.length]).toEqual([false, 2]);
    });
  });
});
