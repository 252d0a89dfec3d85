import { LlmError } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HELLO, setUpClient } from './client-setup.ts';
import { answers, completion, json, says, startFaultServer } from './fault-server.ts';

const schema = z.strictObject({ n: z.int(), words: z.array(z.string()) });
const GOOD = '{"n": 1, "words": ["a"]}';

describe('completeJson', () => {
  it.each([
    ['bare JSON', GOOD],
    ['a fence', '```json\n' + GOOD + '\n```'],
    ['a think block with a draft', `<think>{"n": 9, "words": []}</think>\n${GOOD}`],
    ['a think block whose opening tag is missing', `draft {"n": 9, "words": []}</think>${GOOD}`],
    ['prose around it', `Here you are {sic}: ${GOOD} — enjoy`],
    ['a draft that does not validate first', '```json\n{"n": "x"}\n```\nbetter:\n```json\n' + GOOD + '\n```'],
  ])('reads %s', async (_name, text) => {
    await using server = await startFaultServer(says(text));
    const { llm } = setUpClient(server.url);
    const { value, usage } = await llm.completeJson({ ...HELLO, schema });
    expect(value).toEqual({ n: 1, words: ['a'] });
    expect(usage.promptTokens).toBe(7);
    expect(server.seen).toHaveLength(1);
  });

  it('keeps fences and tags that are part of a JSON string', async () => {
    const words = ['```json\n{}\n```', '<think>x</think>', '${n} } ]'];
    await using server = await startFaultServer(
      says('```json\n' + JSON.stringify({ n: 1, words }) + '\n```'),
    );
    const { llm } = setUpClient(server.url);
    expect((await llm.completeJson({ ...HELLO, schema })).value).toEqual({ n: 1, words });
  });

  it('feeds the validation error back once and adds up the usage of both answers', async () => {
    await using server = await startFaultServer(answers(says('{"n": "one", "words": []}'), says(GOOD)));
    const { llm, events } = setUpClient(server.url);
    const { value, usage } = await llm.completeJson({ ...HELLO, schema });
    expect(value).toEqual({ n: 1, words: ['a'] });
    expect(usage).toEqual({ promptTokens: 14, completionTokens: 10, estimated: false });
    expect(events).toHaveLength(2);
    const repair = JSON.parse(server.seen[1]?.body ?? '') as {
      messages: { role: string; content: string }[];
    };
    expect(repair.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(repair.messages[1]?.content).toBe('{"n": "one", "words": []}');
    expect(repair.messages[2]?.content).toContain('expected number, received string');
  });

  it('ends after the second unusable answer with both problems', async () => {
    const cutShort = completion('{"n": 1, "wor', undefined) as { choices: { finish_reason: string }[] };
    for (const choice of cutShort.choices) choice.finish_reason = 'length';
    await using server = await startFaultServer(
      answers(says('{"n": "one", "words": []}'), (response) => json(response, 200, cutShort), says(GOOD)),
    );
    const { llm } = setUpClient(server.url);
    const error: unknown = await llm.completeJson({ ...HELLO, schema }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LlmError);
    const { code, message, details } = error as LlmError;
    expect(code).toBe('INVALID_ANSWER');
    expect(message).toContain('expected number, received string');
    expect(message).toContain('no valid JSON');
    expect(message).toContain('cut at the token limit');
    expect(details['problems']).toHaveLength(2);
    expect(server.seen).toHaveLength(2);
  });

  it('asks again after an empty answer', async () => {
    await using server = await startFaultServer(answers(says('<think>hm'), says(GOOD)));
    const { llm } = setUpClient(server.url);
    await llm.completeJson({ ...HELLO, schema });
    expect(server.seen[1]?.body).toContain('it is empty');
  });
});
