import { existsSync, readFileSync, truncateSync } from 'node:fs';
import type { AttemptId, JournalRecord, WorkerFrame } from '@agentswarm/core';

/** How many frames of each recorded kind were recorded: the first ones, since they come in order. */
export interface SeenFrames {
  readonly transcript: number;
  readonly progress: number;
}

export const NOTHING_SEEN: SeenFrames = { transcript: 0, progress: 0 };

/** Counts what a process that died recorded of an attempt: lines of its transcript, events of the journal. */
export function readSeenFrames(
  attemptId: AttemptId,
  transcript: string,
  records: Iterable<JournalRecord>,
): SeenFrames {
  let progress = 0;
  for (const { event } of records) {
    if (event.type === 'attempt_progressed' && event.attemptId === attemptId) progress += 1;
  }
  return { transcript: countLines(transcript), progress };
}

/** A line that was not finished is taken away, and its frame recorded again. */
function countLines(file: string): number {
  if (!existsSync(file)) return 0;
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(file, end);
  return bytes.subarray(0, end).toString('latin1').split('\n').length - 1;
}

/** Leaves out the frames that were recorded already. */
export async function* skipSeen(
  frames: AsyncIterable<WorkerFrame>,
  seen: SeenFrames,
): AsyncGenerator<WorkerFrame, void, undefined> {
  const left = { ...seen };
  for await (const frame of frames) {
    const isSeen = (frame.type === 'transcript' || frame.type === 'progress') && left[frame.type]-- > 0;
    if (!isSeen) yield frame;
  }
}
