import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startHeartbeat, type FrameBody } from './frame-stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('beats at the interval until disposed', () => {
  const frames: FrameBody[] = [];
  {
    using _heartbeat = startHeartbeat((frame) => frames.push(frame), 10_000);
    vi.advanceTimersByTime(30_000);
  }
  vi.advanceTimersByTime(60_000);
  expect(frames).toEqual([{ type: 'heartbeat' }, { type: 'heartbeat' }, { type: 'heartbeat' }]);
});
