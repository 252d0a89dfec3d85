import { join } from 'node:path';
import {
  AttemptIdSchema,
  RunIdSchema,
  Secret,
  TaskAssignmentSchema,
  type Sandbox,
  type SandboxBackend,
  type TaskAssignment,
} from '@agentswarm/core';
import type { SourceRepository } from '../src/conformance/source-repository.ts';
import { taskPaths, type RunTaskOptions } from '../src/index.ts';

export const WORKER = join(import.meta.dirname, 'scripted-worker.mjs');
export const ATTEMPT = AttemptIdSchema.parse('task.1');
export const REF = 'refs/agentswarm/run-task/task.1';

export type TaskSource = Pick<SourceRepository, 'repository' | 'commit' | 'at'>;

/** What the scripted worker is told. */
export function assignmentFor(source: Pick<SourceRepository, 'commit'>, sandbox: Sandbox): TaskAssignment {
  return TaskAssignmentSchema.parse({
    v: 1,
    runId: RunIdSchema.parse('run-task'),
    attemptId: ATTEMPT,
    attempt: 1,
    task: { id: 'task', description: 'd', scope: ['work'], acceptance: ['a'] },
    branch: 'worker/task.1',
    base: source.commit,
    shared: [],
    forbidden: [],
    evidence: [],
    instructions: 'do it',
    gate: [],
    model: {
      name: 'm',
      gateway: { kind: 'socket', path: '/none' },
      maxTokens: 1,
      temperature: 0,
      contextWindow: 1,
    },
    paths: taskPaths(sandbox),
  });
}

/** An attempt of the scripted worker, which shows one of its behaviours. */
export function taskOptions(backend: SandboxBackend, source: TaskSource, behaviour: string): RunTaskOptions {
  return {
    backend,
    spec: {
      labels: { run: 'run-task', purpose: 'attempt', task: 'task', attempt: ATTEMPT },
      source: source.at(source.commit),
    },
    assignment: (sandbox) => assignmentFor(source, sandbox),
    workerCommand: ['node', WORKER, behaviour],
    gatewayToken: new Secret('gateway-token'),
    timeoutMs: 30_000,
    store: { repository: source.repository, ref: REF },
  };
}
