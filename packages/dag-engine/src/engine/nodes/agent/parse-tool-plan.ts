import { isJsonObject, textOf, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { ToolPlan, ToolPlanStep } from '../../model/tool-call.ts';
import { TOOL_STEP_KINDS } from '../../model/vocabulary.ts';
import { failure, success, type Outcome } from '../../tools/failure.ts';

export interface AgentAnswer {
  readonly output: JsonValue;
  readonly plan: ToolPlan | null;
}

/**
 * Takes an answer apart. A plan counts only next to a `main_result`, and `null` is no plan; plans inside the result are
 * data. A plan that makes no sense is `tool_plan_invalid`, before any of it ran; steps without a tool are left out.
 */
export function parseAnswer(answer: JsonValue): Outcome<AgentAnswer> {
  if (!isJsonObject(answer) || !Object.hasOwn(answer, 'main_result') || !Object.hasOwn(answer, 'tool_plan')) {
    return success({ output: answer, plan: null });
  }
  const { main_result: output = null, tool_plan: plan = null } = answer;
  if (plan === null) return success({ output, plan: null });
  const steps = readSteps(plan);
  return typeof steps === 'string' ? invalidPlan(steps) : success({ output, plan: { steps } });
}

/** A model that goes round in circles must not keep a node busy until its time is over. */
const MAX_STEPS = 1_000;

/** The steps, or what is wrong with them. */
function readSteps(plan: JsonValue): readonly ToolPlanStep[] | string {
  if (!isJsonObject(plan)) return 'it is not an object';
  const { steps = [] } = plan;
  if (!Array.isArray(steps)) return '"steps" is not an array';
  if (steps.length > MAX_STEPS) return `it has more than ${MAX_STEPS} steps`;
  const read: ToolPlanStep[] = [];
  for (const [index, step] of (steps as readonly JsonValue[]).entries()) {
    if (!isJsonObject(step)) return `step ${index} is not an object`;
    const inputs = step['inputs'] ?? {};
    if (!isJsonObject(inputs)) return `the inputs of step ${index} are not an object`;
    const toolId = step['tool_id'];
    if (typeof toolId === 'string' && toolId !== '') read.push(readStep(toolId, inputs, step));
  }
  return read;
}

function readStep(tool_id: string, inputs: JsonObject, step: JsonObject): ToolPlanStep {
  return {
    tool_id,
    inputs,
    reason: textOf(step['reason'] ?? ''),
    kind: TOOL_STEP_KINDS.find((kind) => kind === step['kind']) ?? 'analyze',
  };
}

function invalidPlan(reason: string): Outcome<never> {
  return failure({
    error_id: 'tool_plan_invalid',
    code: 'agent',
    message: `the tool plan makes no sense: ${reason}`,
    source: 'agent_runtime',
  });
}
