import { landedFeatures, type RunState } from '@agentswarm/core';
import type { LlmClient } from '@agentswarm/llm-client';
import { createPlanSchema, type Plan } from './plan-schema.ts';
import { buildPlannerPrompt, type PlannerPromptInput } from './planner-prompt.ts';

export interface PlanRoundOptions extends PlannerPromptInput {
  readonly llm: LlmClient;
  /** Text of prompts/root-planner.md. */
  readonly instructions: string;
  readonly signal: AbortSignal;
}

/**
 * Asks the planner for its next tasks. The answer is checked against the shape and the state of the
 * run; an answer with problems is returned once to the model with all of them.
 *
 * @throws {LlmError} INVALID_ANSWER when the second answer has problems too; the endpoint's errors.
 */
export async function planRound(options: PlanRoundOptions): Promise<Plan> {
  const { state, repository, forbidden } = options;
  const { value } = await options.llm.completeJson({
    role: 'planner',
    schema: createPlanSchema({
      knownTasks: knownTasks(state),
      features: repository.features,
      landedFeatures: landedFeatures(state),
      forbidden,
      failingCommand: state.mainFailure?.command,
    }),
    messages: [
      { role: 'system', content: options.instructions },
      { role: 'user', content: buildPlannerPrompt(options) },
    ],
    signal: options.signal,
  });
  return value;
}

function knownTasks(state: RunState) {
  return [...state.tasks.values()].map((task) => task.task);
}
