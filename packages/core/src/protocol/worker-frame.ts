import { z } from 'zod';
import { AttemptIdSchema, CommitShaSchema } from '../ids.ts';

const frame = { v: z.literal(1), attemptId: AttemptIdSchema, atMs: z.number() };

/** What a worker is doing right now. */
export const ProgressUpdateSchema = z.strictObject({
  ...frame,
  type: z.literal('progress'),
  phase: z.enum(['starting', 'thinking', 'tool', 'committing', 'done']),
  /** Tool in use, in phase `tool`. */
  tool: z.string().optional(),
  /** Short and for people: a file name, the head of a command. */
  message: z.string().max(500),
  toolCalls: z.int().min(0),
});
export type ProgressUpdate = z.infer<typeof ProgressUpdateSchema>;

/** One message of the agent's conversation, in full; goes to the transcript file, not to the journal. */
export const TranscriptFrameSchema = z.strictObject({
  ...frame,
  type: z.literal('transcript'),
  entry: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('prompt'), text: z.string() }),
    z.strictObject({ kind: z.literal('assistant'), text: z.string(), model: z.string().optional() }),
    z.strictObject({
      kind: z.literal('tool_call'),
      id: z.string(),
      tool: z.string(),
      arguments: z.unknown(),
    }),
    z.strictObject({
      kind: z.literal('tool_result'),
      id: z.string(),
      tool: z.string(),
      text: z.string(),
      isError: z.boolean(),
    }),
    /** What an agent that is a program of its own printed; parts may be left out, which the text says. */
    z.strictObject({ kind: z.literal('output'), text: z.string() }),
  ]),
});
export type TranscriptFrame = z.infer<typeof TranscriptFrameSchema>;

/** Sent at least every 10 s, so that silence means trouble. */
const HeartbeatFrameSchema = z.strictObject({ ...frame, type: z.literal('heartbeat') });

/** A commit reached the intake; nothing up to it can be lost any more. */
const CommitFrameSchema = z.strictObject({
  ...frame,
  type: z.literal('commit'),
  head: CommitShaSchema,
});

/** The worker cannot go on: endpoint unreachable, agent crashed, no handoff given. */
const WorkerErrorFrameSchema = z.strictObject({
  ...frame,
  type: z.literal('error'),
  code: z.enum(['model_failed', 'handoff_missing', 'agent_failed', 'commit_failed']),
  message: z.string(),
});

/** One line of the file that takes a worker's events (newline-delimited JSON). */
export const WorkerFrameSchema = z.discriminatedUnion('type', [
  ProgressUpdateSchema,
  TranscriptFrameSchema,
  HeartbeatFrameSchema,
  CommitFrameSchema,
  WorkerErrorFrameSchema,
]);
export type WorkerFrame = z.infer<typeof WorkerFrameSchema>;
