import { z } from 'zod';
import { ExecEndSchema, ShimFailureSchema } from './failure.ts';
import { Bytes, Count, SandboxId, StreamId, Texts } from './values.ts';

/** What the shim is told without being asked for an answer. */
export const TO_SHIM = {
  '$/cancel': z.strictObject({ id: z.xor([z.int(), z.string()]) }),
  credit: z.strictObject({ streamId: StreamId, bytes: z.int().min(1) }),
} as const;

/** What the shim tells by itself. */
export const FROM_SHIM = {
  heartbeat: z.strictObject({
    sequence: Count,
    sandboxes: Count,
    streams: Count,
    rssBytes: Count,
    cpuMs: Count,
  }),
  'sandbox.created': z
    .strictObject({ sandboxId: SandboxId, tags: Texts })
    .describe('The first thing after a create, also of one that is cancelled and ended at once.'),
  'sandbox.ended': z
    .strictObject({
      sandboxId: SandboxId,
      reason: z.enum(['exited', 'timed_out', 'terminated', 'not_found']),
      exitCode: z.int().optional(),
    })
    .describe('A sandbox that ended without sandbox.terminate of this shim.'),
  'exec.output': z.strictObject({
    execId: StreamId,
    stream: z.enum(['stdout', 'stderr']),
    offset: Count,
    data: Bytes,
  }),
  'exec.end': z.strictObject({ execId: StreamId, end: ExecEndSchema }),
  'file.data': z.strictObject({ followId: StreamId, offset: Count, data: Bytes }),
  'file.end': z.strictObject({
    followId: StreamId,
    reason: z.enum(['unfollowed', 'lost']),
    error: ShimFailureSchema.optional(),
  }),
} as const;
