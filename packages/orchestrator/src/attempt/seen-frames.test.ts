import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttemptIdSchema, type WorkerFrame } from '@agentswarm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSeenFrames, skipSeen } from './seen-frames.ts';

const attemptId = AttemptIdSchema.parse('task.1');
const frameOf = (type: 'transcript' | 'progress' | 'heartbeat', toolCalls: number): WorkerFrame => {
  const common = { v: 1, attemptId, atMs: toolCalls } as const;
  if (type === 'heartbeat') return { ...common, type };
  if (type === 'progress') return { ...common, type, phase: 'tool', message: '', toolCalls };
  return { ...common, type, entry: { kind: 'prompt', text: String(toolCalls) } };
};

test('gives every frame once, wherever the first process stopped', async () => {
  const kinds = fc.array(fc.constantFrom('transcript', 'progress', 'heartbeat'));
  await fc.assert(
    fc.asyncProperty(kinds, fc.nat(), async (types, cut) => {
      const frames = types.map(frameOf);
      const before = frames.slice(0, cut % (frames.length + 1));
      const seen = {
        transcript: before.filter(({ type }) => type === 'transcript').length,
        progress: before.filter(({ type }) => type === 'progress').length,
      };
      const given = (async function* () {
        yield* frames;
      })();
      const after: WorkerFrame[] = [];
      for await (const frame of skipSeen(given, seen)) after.push(frame);
      const isRecorded = ({ type }: WorkerFrame) => type !== 'heartbeat';
      expect([...before, ...after].filter(isRecorded)).toEqual(frames.filter(isRecorded));
    }),
  );
});

test('counts whole lines, and takes away one that was not finished', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seen-frames-'));
  const file = join(folder, 'transcript');
  expect(readSeenFrames(attemptId, file, [])).toEqual({ transcript: 0, progress: 0 });
  writeFileSync(file, '{"a":1}\n{"b":2}\n{"c":');
  expect(readSeenFrames(attemptId, file, [])).toEqual({ transcript: 2, progress: 0 });
  expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
  rmSync(folder, { recursive: true });
});
