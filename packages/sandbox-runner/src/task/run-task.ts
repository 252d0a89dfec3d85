import type {
  AttemptId,
  Sandbox,
  SandboxLabels,
  SandboxSpec,
  Secret,
  TaskAssignment,
} from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { carryAttempt, type AttemptOptions, type TaskRun } from './carry-attempt.ts';

/** Of what a worker prints, the start and the end are kept for messages. */
const MAX_LOG_BYTES = 64 * 1024;

/** A sandbox for one attempt: labelled with it and with a commit to start from. */
export type TaskSandboxSpec = SandboxSpec &
  Required<Pick<SandboxSpec, 'source'>> & {
    readonly labels: SandboxLabels & { readonly attempt: AttemptId };
  };

export interface RunTaskOptions extends AttemptOptions {
  readonly spec: TaskSandboxSpec;
  /** Contract: pure; uses the sandbox's paths (see {@link taskPaths}) and gateway address. */
  readonly assignment: (sandbox: Sandbox) => TaskAssignment;
  /** Program and arguments as seen inside; the path of the assignment file is added as the last one. */
  readonly workerCommand: readonly [string, ...string[]];
  /** The worker's first and only line of standard input. */
  readonly gatewayToken: Secret;
}

/**
 * Runs one attempt of a task: makes a sandbox, writes the assignment into it, runs the worker, and
 * takes over its handoff and commits. Whatever goes wrong is a `failed` result with a reason, and
 * commits that reached the intake are collected all the same. A connection that breaks is made anew, and
 * events go on where it broke.
 */
export function runTask(options: RunTaskOptions): TaskRun {
  const { backend, spec, signal } = options;
  return carryAttempt(options, {
    attemptId: spec.labels.attempt,
    open: () => backend.create(spec, signal === undefined ? {} : { signal }),
    begin: async (sandbox) => {
      const assignment = readAssignment(options, sandbox);
      const file = `${sandbox.paths.control}/assignment.json`;
      await sandbox.writeFile(file, JSON.stringify(assignment));
      return {
        terms: assignment,
        paths: assignment.paths,
        start: (ending) =>
          sandbox.exec({
            command: [...options.workerCommand, file],
            stdin: options.gatewayToken,
            timeoutMs: options.timeoutMs,
            maxOutputBytes: MAX_LOG_BYTES,
            signal: ending,
          }),
      };
    },
  });
}

function readAssignment(options: RunTaskOptions, sandbox: Sandbox): TaskAssignment {
  const { labels, source } = options.spec;
  const assignment = options.assignment(sandbox);
  const agrees =
    assignment.attemptId === labels.attempt &&
    assignment.base === source.commit &&
    assignment.branch === source.branch;
  if (agrees) return assignment;
  throw new SandboxError('ASSIGNMENT_INVALID', 'assignment and sandbox are for different attempts', {
    details: { sandbox: sandbox.id, assigned: assignment.attemptId, labelled: labels.attempt },
  });
}
