import { SandboxError } from '../errors.ts';
import { machineTime } from '../process/machine-time.ts';
import { carryAttempt, DEFAULT_PATIENCE_MS, type AttemptOptions, type TaskRun } from './carry-attempt.ts';
import { attachPatiently } from './connection.ts';
import type { AttemptTerms } from './judge-attempt.ts';
import { taskPaths } from './task-paths.ts';

export interface ResumeTaskOptions extends AttemptOptions {
  readonly sandboxId: string;
  /** What the attempt was told, which its sandbox must not decide. */
  readonly terms: AttemptTerms;
}

/**
 * Takes up an attempt whose process died: attaches to its sandbox, follows a worker that still runs to its
 * end, and judges what is there as {@link runTask} would, whose files must be at {@link taskPaths}. All
 * frames of the attempt are given again, from the first one. A sandbox that is gone is a `failed` result.
 */
export function resumeTask(options: ResumeTaskOptions): TaskRun {
  const { backend, sandboxId, terms, signal, patienceMs = DEFAULT_PATIENCE_MS, time = machineTime } = options;
  return carryAttempt(options, {
    attemptId: terms.attemptId,
    open: () =>
      attachPatiently(() => backend.attach(sandboxId, signal === undefined ? {} : { signal }), {
        time,
        patienceMs,
      }),
    begin: async (sandbox) => {
      if (sandbox.labels.attempt === terms.attemptId) return { terms, paths: taskPaths(sandbox) };
      throw new SandboxError('ASSIGNMENT_INVALID', `sandbox ${sandbox.id} is not for ${terms.attemptId}`, {
        details: { sandbox: sandbox.id, labelled: sandbox.labels.attempt ?? '' },
      });
    },
  });
}
