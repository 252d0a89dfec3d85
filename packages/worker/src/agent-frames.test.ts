import { expect, test } from 'vitest';
import { AttemptIdSchema, Secret, WorkerFrameSchema } from '@agentswarm/core';
import type { AgentEvent } from './agent-driver.ts';
import { framesOf } from './agent-frames.ts';
import { createFrameStream } from './frame-stream.ts';

const long = 'z'.repeat(60_000);
const events: AgentEvent[] = [
  { type: 'turn_started' },
  { type: 'user_message', text: 'Task: x' },
  { type: 'assistant_message', text: 'I will', model: 'glm-5' },
  { type: 'tool_started', id: 'c1', tool: 'bash', arguments: { command: `npm test\n${long}` } },
  { type: 'tool_started', id: 'c2', tool: 'write', arguments: { path: 'a.ts', content: long } },
  { type: 'tool_finished', id: 'c1', tool: 'bash', text: `head${long}tail`, isError: true },
  { type: 'model_retrying', attempt: 1, message: `503 ${long}` },
  { type: 'output_printed', text: `${long}\nreading a.ts\n\n` },
];

test('every event becomes frames of the protocol, none of them huge', () => {
  const lines: string[] = [];
  const emit = createFrameStream({
    attemptId: AttemptIdSchema.parse('x.1'),
    clock: { nowMs: () => 7, sleep: () => Promise.resolve() },
    secrets: [],
    writeLine: (line) => lines.push(line),
  });
  for (const event of events) for (const frame of framesOf(event, 2)) emit(frame);
  const frames = lines.map((line) => WorkerFrameSchema.parse(JSON.parse(line)));
  expect(frames.map((frame) => frame.type)).toEqual([
    'progress',
    'transcript',
    'transcript',
    'progress',
    'transcript',
    'progress',
    'transcript',
    'transcript',
    'progress',
    'progress',
    'transcript',
  ]);
  expect(frames.at(-2)).toMatchObject({ phase: 'tool', message: 'reading a.ts' });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(21_000);
});

test('progress of a call shows the path or the head of the command', () => {
  expect(framesOf(events[3] as AgentEvent, 4)[0]).toEqual({
    type: 'progress',
    phase: 'tool',
    tool: 'bash',
    message: 'npm test',
    toolCalls: 4,
  });
  expect(framesOf(events[4] as AgentEvent, 5)[0]).toMatchObject({ tool: 'write', message: 'a.ts' });
});

test('results keep their head and their tail', () => {
  const [frame] = framesOf(events[5] as AgentEvent, 1);
  expect(frame).toMatchObject({ entry: { kind: 'tool_result', isError: true } });
  expect(JSON.stringify(frame)).toMatch(/"headz.*omitted.*ztail"/);
});

test('secrets never leave in a frame', () => {
  const lines: string[] = [];
  const emit = createFrameStream({
    attemptId: AttemptIdSchema.parse('x.1'),
    clock: { nowMs: () => 7, sleep: () => Promise.resolve() },
    secrets: [new Secret('s3cr"et-token')],
    writeLine: (line) => lines.push(line),
  });
  emit({ type: 'error', code: 'model_failed', message: 'bad s3cr"et-token' });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    v: 1,
    attemptId: 'x.1',
    atMs: 7,
    type: 'error',
    code: 'model_failed',
    message: 'bad ***',
  });
});
