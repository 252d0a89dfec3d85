import { describe, expect, it } from 'vitest';
import { createUsageTap } from './usage-tap.ts';

const event = (body: unknown) => `data: ${JSON.stringify(body)}\n\n`;
const delta = (content: string, finish_reason: string | null = null) =>
  event({ model: 'm', choices: [{ index: 0, delta: { content }, finish_reason }] });

function tapOf(text: string, { contentType = 'text/event-stream', size = 1 } = {}) {
  const tap = createUsageTap(contentType);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) tap.push(bytes.subarray(at, at + size));
  return tap.end();
}

describe('createUsageTap', () => {
  it('reads a stream byte by byte, split characters included', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    const text =
      delta('hé') + delta('€') + delta('', 'stop') + event({ choices: [], usage }) + 'data: [DONE]\n\n';
    expect(tapOf(text)).toEqual({ usage, model: 'm', completionChars: 3, complete: true });
  });

  it('calls a stream without an end incomplete', () => {
    expect(tapOf(delta('hello'))).toEqual({
      usage: undefined,
      model: 'm',
      completionChars: 5,
      complete: false,
    });
  });

  it('calls a stream that turns into an error incomplete', () => {
    const text = delta('a') + event({ error: { message: 'overloaded' } }) + 'data: [DONE]\n\n';
    expect(tapOf(text).complete).toBe(false);
  });

  it('counts reasoning and tool calls and survives nonsense', () => {
    const call = { index: 0, function: { name: 'ab', arguments: '{}' } };
    const text =
      event({ choices: [{ delta: { reasoning_content: 'xyz' } }] }) +
      'data: {broken\n\n: comment\n\ndata: 7\n\n' +
      event({ choices: [{ delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] });
    expect(tapOf(text, { size: 7 })).toMatchObject({ completionChars: 7, complete: true });
  });

  it('reads a JSON answer', () => {
    const body = { model: 'm', choices: [{ message: { content: 'four' }, finish_reason: 'stop' }] };
    expect(tapOf(JSON.stringify(body), { contentType: 'application/json', size: 3 })).toEqual({
      usage: undefined,
      model: 'm',
      completionChars: 4,
      complete: true,
    });
  });
});
