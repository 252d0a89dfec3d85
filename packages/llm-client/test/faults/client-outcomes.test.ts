import { inspect } from 'node:util';
import { LlmError, type Completion, type LlmClient } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { HELLO, KEY, setUpClient } from '../client-setup.ts';
import { FAULTS, HUGE_CHARS, TOOL_ARGUMENTS, type FaultName } from './behaviours.ts';
import { HEALTHY_TEXT } from './answer-parts.ts';
import { serveFault } from './serve-fault.ts';

/** What a caller gets, and after how many requests. */
type Outcome =
  | { readonly text: string; readonly estimated?: true; readonly requests?: number }
  | { readonly calls: readonly unknown[] }
  | { readonly error: string; readonly requests: number };

interface Expectation {
  readonly whole?: Outcome;
  readonly stream?: Outcome;
}

const both = (outcome: Outcome): Expectation => ({ whole: outcome, stream: outcome });
const healthy = { text: HEALTHY_TEXT };
const estimated = { text: HEALTHY_TEXT, estimated: true } as const;
const fails = (error: string, requests: number) => ({ error, requests });
const twoCalls = { calls: [TOOL_ARGUMENTS, TOOL_ARGUMENTS] };

/** A request that may pass is made three times; one whose answer had begun to stream is not made again. */
const EXPECTED: Record<FaultName, Expectation> = {
  healthy: both(healthy),
  'refuses the connection': both(fails('ENDPOINT_UNREACHABLE', 3)),
  'drops the connection before headers': both(fails('ENDPOINT_UNREACHABLE', 3)),
  'hangs before headers': both(fails('TIMED_OUT', 1)),
  'hangs inside the answer': both(fails('TIMED_OUT', 1)),
  'cuts the answer inside a chunk': { whole: fails('ANSWER_CUT', 3), stream: fails('ANSWER_CUT', 3) },
  'cuts the answer between chunks': { stream: fails('ANSWER_CUT', 1) },
  'splits UTF-8 over chunks': both(healthy),
  'writes SSE in unusual but valid ways': { stream: healthy },
  'sends malformed SSE': { stream: fails('INVALID_ANSWER', 1) },
  'sends malformed JSON': both(fails('INVALID_ANSWER', 1)),
  'sends a web page': both(fails('INVALID_ANSWER', 1)),
  'sends the right answer as text/plain': both(healthy),
  'sends the other form': both(fails('INVALID_ANSWER', 1)),
  'sends empty choices': both(fails('INVALID_ANSWER', 1)),
  'finishes without [DONE]': { stream: healthy },
  'ends the stream without a finish': { stream: fails('ANSWER_CUT', 1) },
  'repeats tool-call ids': both(twoCalls),
  'sends arguments in fragments': { stream: twoCalls },
  'sends arguments that are no JSON': both({ calls: ['{"path": '] }),
  '429 with Retry-After': both(fails('RATE_LIMITED', 3)),
  '429 without Retry-After': both(fails('RATE_LIMITED', 3)),
  'two 500s, then fine': both({ text: HEALTHY_TEXT, requests: 3 }),
  '500 for ever': both(fails('SERVER_ERROR', 3)),
  'drips one byte at a time': both(fails('TIMED_OUT', 1)),
  'usage missing': both(estimated),
  'usage in the last chunk with choices': { stream: healthy },
  'usage negative': both(estimated),
  'usage huge': both(estimated),
  'usage in strings': both(estimated),
  '20 MB': both({ text: 'x'.repeat(HUGE_CHARS) }),
  'error after a 200': { whole: fails('SERVER_ERROR', 3), stream: fails('SERVER_ERROR', 1) },
};

const FORMS = {
  whole: (llm: LlmClient) => llm.complete(HELLO),
  async stream(llm: LlmClient): Promise<Completion> {
    let text = '';
    for await (const part of llm.stream(HELLO)) {
      if (part.type === 'text') text += part.text;
      if (part.type !== 'end') continue;
      expect(text).toBe(part.completion.text);
      return part.completion;
    }
    return expect.fail('a stream ended without its end');
  },
} as const;

const CASES = FAULTS.flatMap((fault) =>
  (['whole', 'stream'] as const).flatMap((form) => {
    const expected = EXPECTED[fault.name][form];
    // A fault that has the form must have an outcome, and the other way round.
    expect([fault.name, form, form in fault]).toEqual([fault.name, form, expected !== undefined]);
    return expected === undefined ? [] : [{ fault, form, expected }];
  }),
);

describe.each(CASES)('$fault.name, $form', ({ fault, form, expected }) => {
  it('has the expected outcome', async () => {
    await using server = await serveFault(fault);
    const mayHang = 'error' in expected && expected.error === 'TIMED_OUT';
    const { llm, events } = setUpClient(server.url, { timeoutMs: mayHang ? 300 : 20_000 });
    const result: unknown = await FORMS[form](llm).catch((error: unknown) => error);
    expect(inspect([result, events], { depth: null, maxStringLength: 10_000 })).not.toContain(KEY);
    if ('error' in expected) {
      expect(result).toBeInstanceOf(LlmError);
      expect((result as LlmError).code).toBe(expected.error);
      expect(events.map(({ ok }) => ok)).toEqual(Array.from({ length: expected.requests }, () => false));
      return;
    }
    if (result instanceof Error) throw result;
    const { text, toolCalls, usage } = result as Completion;
    if ('calls' in expected) {
      const given = toolCalls.map((call) =>
        call.arguments.endsWith('}') ? (JSON.parse(call.arguments) as unknown) : call.arguments,
      );
      expect(given).toEqual(expected.calls);
      expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(toolCalls.length);
      return;
    }
    expect(text === expected.text).toBe(true);
    expect(usage.estimated).toBe(expected.estimated ?? false);
    if (!usage.estimated) expect(usage).toMatchObject({ promptTokens: 7, completionTokens: 5 });
    expect(events).toHaveLength(expected.requests ?? 1);
    expect(events.at(-1)?.ok).toBe(true);
  });
});
