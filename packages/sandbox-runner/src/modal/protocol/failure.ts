import { z } from 'zod';

const CODES = [
  'PARSE_ERROR',
  'INVALID_REQUEST',
  'UNKNOWN_METHOD',
  'INVALID_PARAMS',
  'SCHEMA_MISMATCH',
  'NOT_CONFIGURED',
  'MODAL_MISSING',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'REFUSED',
  'IMAGE_FAILED',
  'NOT_SUPPORTED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'TIMED_OUT',
  'SANDBOX_NOT_FOUND',
  'SANDBOX_ENDED',
  'STREAM_NOT_FOUND',
  'STDIN_CLOSED',
  'NOT_FOUND',
  'FILE_NOT_FOUND',
  'FILE_NOT_REGULAR',
  'FILE_TOO_LARGE',
  'FILE_REFUSED',
  'CANCELLED',
  'SHUTTING_DOWN',
  'INTERNAL',
] as const;

/** What the shim calls a failure. */
export type ShimErrorCode = (typeof CODES)[number];

/** A failure as the shim tells it; the message is for people. */
export const ShimFailureSchema = z
  .strictObject({
    code: z.int(),
    message: z.string(),
    data: z.strictObject({
      code: z.enum(CODES),
      class: z.enum(['invalid', 'transient', 'gone', 'fatal', 'cancelled', 'bug']),
      retryable: z.boolean(),
    }),
  })
  .meta({ id: 'Error' });
export type ShimFailure = z.infer<typeof ShimFailureSchema>;

/** How a command ended. */
export const ExecEndSchema = z
  .strictObject({
    reason: z.enum(['exited', 'signalled', 'timed_out', 'not_started', 'lost']),
    exitCode: z.int().optional(),
    signal: z.int().min(0).optional().describe('Its number.'),
    error: ShimFailureSchema.optional().describe('Why it is lost.'),
  })
  .meta({ id: 'ExecEnd' });
export type ExecEnd = z.infer<typeof ExecEndSchema>;
