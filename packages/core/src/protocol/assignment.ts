import { z } from 'zod';
import { AttemptIdSchema, BranchNameSchema, CommitShaSchema, RunIdSchema } from '../ids.ts';
import { EvidenceSchema } from './evidence.ts';
import { TaskSchema } from './task.ts';

/** How a worker inside a sandbox reaches the model gateway. Its token is never part of a file. */
export const GatewayAddressSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('socket'), path: z.string().min(1) }),
  z.strictObject({ kind: z.literal('url'), url: z.url() }),
]);
export type GatewayAddress = z.infer<typeof GatewayAddressSchema>;

/** The agent a worker runs. */
const AgentChoiceSchema = z.discriminatedUnion('kind', [
  /** The built-in one. */
  z.strictObject({ kind: z.literal('pi') }),
  /** A program of its own, as seen inside; without a shell. */
  z.strictObject({
    kind: z.literal('command'),
    command: z.tuple([z.string().min(1)], z.string()),
  }),
]);

/** Everything a worker is told, written as one JSON file into its sandbox. Paths are as seen inside. */
export const TaskAssignmentSchema = z.strictObject({
  v: z.literal(1),
  runId: RunIdSchema,
  attemptId: AttemptIdSchema,
  /** Counted from 1. */
  attempt: z.int().min(1),
  task: TaskSchema,
  branch: BranchNameSchema,
  base: CommitShaSchema,
  /** Paths besides the scope that the task may change. */
  shared: z.array(z.string()),
  forbidden: z.array(z.string()),
  /** Outcomes of earlier attempts, oldest first. */
  evidence: z.array(EvidenceSchema),
  /** System prompt of the agent: the text of prompts/worker.md. */
  instructions: z.string().min(1),
  /** Commands the merge gate will run. */
  gate: z.array(z.string()),
  agent: AgentChoiceSchema.default({ kind: 'pi' }),
  model: z.strictObject({
    name: z.string().min(1),
    gateway: GatewayAddressSchema,
    maxTokens: z.int().min(1),
    temperature: z.number().min(0).max(2),
    contextWindow: z.int().min(1),
  }),
  paths: z.strictObject({
    /** Checkout of `branch` at `base`. */
    workdir: z.string().min(1),
    /** Bare repository the worker pushes its branch to, early and often. */
    intake: z.string().min(1),
    /** Where the worker writes the handoff, atomically. */
    handoff: z.string().min(1),
    /** File the worker appends its frames to, one line each (newline-delimited JSON). */
    frames: z.string().min(1),
  }),
});
export type TaskAssignment = z.infer<typeof TaskAssignmentSchema>;
