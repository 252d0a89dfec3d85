import { z } from 'zod';

/** `run-` and a sortable suffix, for example `run-20261120-101500-k3f9`. */
export const RunIdSchema = z
  .string()
  .regex(/^run-[a-z0-9-]{1,60}$/)
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunIdSchema>;

/** Lower-case words joined by hyphens, at most 64 characters; unique in a run. */
export const TaskIdSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    'must be lower-case letters, digits and inner hyphens, at most 64 characters',
  )
  .brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskIdSchema>;

/** One execution of a task: `<task id>.<number, counted from 1>`. */
export const AttemptIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,64}\.[1-9][0-9]*$/)
  .brand<'AttemptId'>();
export type AttemptId = z.infer<typeof AttemptIdSchema>;

/** Full lower-case SHA-1 or SHA-256 object name. */
export const CommitShaSchema = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  .brand<'CommitSha'>();
export type CommitSha = z.infer<typeof CommitShaSchema>;

/**
 * A branch name without `refs/heads/`, for example `worker/chunk-storage.1`: every name that
 * `git check-ref-format` lets a branch have, up to 244 characters. One may begin with `-`: it is never an
 * argument by itself, always the end of a full ref.
 */
export const BranchNameSchema = z
  .string()
  .min(1)
  .max(244)
  .regex(
    /^(?![/.])(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[/.]$))[^\p{Cc} ~^:?*[\\]+$/u,
    'is not a valid branch name',
  )
  .refine((name) => name !== '@' && name !== 'HEAD', 'is not a valid branch name')
  .brand<'BranchName'>();
export type BranchName = z.infer<typeof BranchNameSchema>;

/** Names the attempt `number` (counted from 1) of a task. */
export function attemptIdOf(taskId: TaskId, number: number): AttemptId {
  return AttemptIdSchema.parse(`${taskId}.${number}`);
}
