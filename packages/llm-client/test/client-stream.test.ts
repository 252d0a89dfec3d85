import { systemClock } from '@agentswarm/core';
import type { StreamPart } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { HELLO, setUpClient } from './client-setup.ts';
import { answers, chunk, fails, hangs, startFaultServer } from './fault-server.ts';
import { DONE, HEALTHY_EVENTS, HEALTHY_TEXT, sendsEvents, stalls } from './faults/answer-parts.ts';
import { until } from './gateway-setup.ts';

async function partsOf(stream: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const parts: StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe('stream', () => {
  it('gives the text as it comes and the whole answer last', async () => {
    await using server = await startFaultServer(sendsEvents(HEALTHY_EVENTS));
    const { llm, events } = setUpClient(server.url);
    const parts = await partsOf(llm.stream(HELLO));
    const end = parts.pop();
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.map((part) => (part.type === 'text' ? part.text : expect.fail(part.type))).join('')).toBe(
      HEALTHY_TEXT,
    );
    expect(end).toMatchObject({
      type: 'end',
      completion: {
        text: HEALTHY_TEXT,
        finishReason: 'stop',
        model: 'm-reported',
        endpoint: 'test-endpoint',
        usage: { promptTokens: 7, completionTokens: 5, estimated: false },
      },
    });
    expect(events).toMatchObject([{ ok: true, httpStatus: 200, promptTokens: 7 }]);
  });

  it('tells thoughts from text, whichever way the server sends them', async () => {
    const events = [
      chunk({ reasoning_content: 'hm ' }),
      chunk({ content: '<thi' }),
      chunk({ content: 'nk>let me see</th' }),
      chunk({ content: 'ink>\nYes' }),
      chunk({}, 'stop'),
      DONE,
    ];
    await using server = await startFaultServer(sendsEvents(events));
    const parts = await partsOf(setUpClient(server.url).llm.stream(HELLO));
    const said = (type: string) =>
      parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
    expect([said('text'), said('reasoning')]).toEqual(['Yes', 'hm let me see']);
    expect(parts.at(-1)).toMatchObject({ completion: { text: 'Yes', reasoning: 'hm \nlet me see' } });
  });

  it('lets the caller take more time for a part than an endpoint may be silent', async () => {
    const events = [chunk({ content: 'one ' }), chunk({ content: '<thi' }), chunk({}, 'stop'), DONE];
    // The body is longer than what is read ahead, so that the end is still on its way when the caller is back.
    const rest = Array.from({ length: 40 }, () => chunk({ content: 'x'.repeat(50_000) }));
    await using server = await startFaultServer(
      sendsEvents([...events.slice(0, 2), ...rest, ...events.slice(2)]),
    );
    const { llm } = setUpClient(server.url, { timeoutMs: 700 });
    let length = 0;
    for await (const part of llm.stream(HELLO)) {
      if (length === 0) await systemClock.sleep(1_500);
      if (part.type === 'text') length += part.text.length;
      if (part.type === 'end') expect(part.completion.finishReason).toBe('stop');
    }
    expect(length).toBe('one <thi'.length + 40 * 50_000);
  });

  it('gives calls whole, and recognises one that was written as text', async () => {
    const text = 'I look.\n<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>';
    await using server = await startFaultServer(
      sendsEvents([chunk({ content: text }), chunk({}, 'stop'), DONE]),
    );
    const tools = [{ name: 'read', parameters: { type: 'object' } }];
    const parts = await partsOf(setUpClient(server.url).llm.stream({ ...HELLO, tools }));
    expect(parts.find(({ type }) => type === 'tool_call')).toMatchObject({
      call: { name: 'read', arguments: '{"path":"a"}' },
    });
    expect(parts.at(-1)).toMatchObject({ completion: { text: 'I look.', toolCalls: [{ name: 'read' }] } });
  });

  it('makes the request again as long as nothing was given', async () => {
    await using server = await startFaultServer(answers(fails(500), sendsEvents(HEALTHY_EVENTS)));
    const { llm, events } = setUpClient(server.url);
    expect((await partsOf(llm.stream(HELLO))).at(-1)).toMatchObject({ completion: { text: HEALTHY_TEXT } });
    expect(events.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('ends the request when its reader leaves, and counts what was read', async () => {
    await using server = await startFaultServer(
      stalls('text/event-stream', HEALTHY_EVENTS.slice(0, 3).join('')),
    );
    const { llm, events } = setUpClient(server.url);
    for await (const part of llm.stream(HELLO)) {
      expect(part).toEqual({ type: 'text', text: 'Grüß' });
      break;
    }
    await until(() => server.abandoned() === 1);
    expect(events).toMatchObject([{ ok: false, promptTokens: 2, estimated: true }]);
    expect(events[0]?.completionTokens).toBeGreaterThan(0);
  });

  it('rejects with the reason of the signal', async () => {
    await using server = await startFaultServer(hangs);
    const { llm, events } = setUpClient(server.url);
    const abort = new AbortController();
    const pending = partsOf(llm.stream({ ...HELLO, signal: abort.signal }));
    await until(() => server.seen.length === 1);
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await until(() => server.abandoned() === 1);
    expect(events).toMatchObject([{ ok: false }]);
  });
});
