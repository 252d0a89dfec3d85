import { createPlayerServer, type ModelPlayer, type PlayedAnswer } from '@agentswarm/llm-client/cassette';
import { describe, expect, it } from 'vitest';
import { callChat, chatBody, createManualClock } from './cassette-setup.ts';

const plays = (answer: Partial<PlayedAnswer>): ModelPlayer => ({
  answer: () =>
    Promise.resolve({
      delayMs: 0,
      head: { status: 200, headers: {} },
      chunks: [],
      end: 'complete',
      ...answer,
    }),
});

describe('a player server', () => {
  it('waits before the head and between chunks', async () => {
    const clock = createManualClock();
    const chunks = [
      { afterMs: 0, data: 'Grü' },
      { afterMs: 30, data: Buffer.from('ße') },
      { afterMs: 40, data: '!' },
    ];
    await using server = await createPlayerServer({ player: plays({ delayMs: 20, chunks }), clock });
    const seen = await callChat(server.url, chatBody('x'));
    expect(seen).toMatchObject({ status: 200, text: 'Grüße!', whole: true });
    expect(clock.slept).toEqual([20, 30, 40]);
  });

  it.each([
    ['after chunks', { chunks: [{ afterMs: 0, data: 'begin' }] }, { status: 200, text: 'begin' }],
    ['after the head', {}, { status: 200, text: '' }],
    ['before the head', { head: undefined }, { status: undefined, text: '' }],
  ])('cuts %s', async (_name, answer, expected) => {
    await using server = await createPlayerServer({ player: plays({ ...answer, end: 'cut' }) });
    expect(await callChat(server.url, chatBody('x'))).toMatchObject({ ...expected, whole: false });
  });

  it('shows the player the path and the body, and says 500 for a player that fails', async () => {
    const asked: unknown[] = [];
    const player: ModelPlayer = {
      answer(request) {
        asked.push(request);
        return Promise.reject(new Error('surprise'));
      },
    };
    await using server = await createPlayerServer({ player });
    const seen = await callChat(server.url, '{"ä": 1}');
    expect(seen.status).toBe(500);
    expect(seen.text).not.toContain('surprise');
    expect((await fetch(`${server.url}/models?x=1`)).status).toBe(500);
    expect(asked).toEqual([
      { method: 'POST', path: '/chat/completions', body: '{"ä": 1}' },
      { method: 'GET', path: '/models', body: '' },
    ]);
  });

  it('cuts an answer whose chunks fail', async () => {
    async function* failing() {
      yield { afterMs: 0, data: 'begin' };
      await Promise.reject(new Error('surprise'));
    }
    await using server = await createPlayerServer({ player: plays({ chunks: failing() }) });
    expect(await callChat(server.url, chatBody('x'))).toMatchObject({ status: 200, whole: false });
  });

  it('lets go of the chunks when the client leaves', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    async function* endless() {
      try {
        for (;;) {
          yield { afterMs: 0, data: 'x'.repeat(100_000) };
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        release();
      }
    }
    await using server = await createPlayerServer({ player: plays({ chunks: endless() }) });
    expect((await callChat(server.url, chatBody('x'), { timeoutMs: 100 })).whole).toBe(false);
    await released;
  });
});
