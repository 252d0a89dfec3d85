import type { Sandbox, TaskAssignment } from '@agentswarm/core';
import { taskPaths } from '@agentswarm/sandbox-runner';
import type { AttemptEnvironment } from './attempt-environment.ts';
import { gatewayAddress } from './gateway-way.ts';
import { forbiddenPaths } from './forbidden-paths.ts';
import type { AttemptPlan } from './plan-attempt.ts';

/** What the worker of an attempt is told, with paths as they are inside its sandbox. */
export function createAssignment(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  inside: { readonly sandbox: Sandbox; readonly model: string },
): TaskAssignment {
  const { config } = env;
  const { sandbox } = inside;
  return {
    v: 1,
    runId: env.runId,
    attemptId: plan.attemptId,
    attempt: plan.number,
    task: plan.task,
    branch: plan.branch,
    base: plan.base,
    shared: config.shared,
    forbidden: forbiddenPaths(config),
    evidence: plan.evidence,
    instructions: env.instructions,
    gate: [...env.gate],
    agent:
      config.agentCommand === undefined ? { kind: 'pi' } : { kind: 'command', command: config.agentCommand },
    model: {
      name: inside.model,
      gateway: gatewayAddress(config, sandbox),
      maxTokens: config.llmMaxTokens,
      temperature: config.llmTemperature,
      contextWindow: env.contextWindow,
    },
    paths: taskPaths(sandbox),
  };
}
