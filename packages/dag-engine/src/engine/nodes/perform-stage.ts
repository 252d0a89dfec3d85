import { isJsonObject, type JsonValue } from '../model/json.ts';
import type { AgentDefinition } from '../model/manifest-set.ts';
import { ROUTED_BY_OUTPUT } from '../routing/plan-route.ts';
import { describeThrown, failure, success, type Failure, type Outcome } from '../tools/failure.ts';
import { runLimited, type Limited } from '../tools/run-limited.ts';
import { attachToolResults } from './agent/attach-tool-results.ts';
import { followPlan } from './agent/follow-plan.ts';
import { runAgent } from './agent/run-agent.ts';
import { assembleContext } from './assemble-context.ts';
import { deterministicFailure, runDeterministic } from './run-deterministic.ts';
import { entryObjection, failureOf, schemaObjection } from './stage-guards.ts';
import type { Stage, StageEnd } from './stage.ts';

/** Everything from the first check to the last: guards, context, work, output. Never rejects. */
export async function performStage(stage: Stage): Promise<StageEnd> {
  try {
    const objection = entryObjection(stage) ?? (await assembleContext(stage));
    if (objection !== null) return { output: undefined, failure: objection };
    return judgeWork(stage, await limitedWork(stage));
  } catch (thrown) {
    const message = `executing the node failed: ${describeThrown(thrown)}`;
    return {
      output: undefined,
      failure: { error_id: 'node_execution_failed', code: 'internal', message, source: 'runtime' },
    };
  }
}

async function limitedWork(stage: Stage): Promise<Outcome<JsonValue>> {
  const limited = await runLimited((signal) => work(stage, signal), {
    signal: stage.visit.signal,
    timeoutMs: stage.parts.nodeTimeoutMs,
  });
  stage.session.close({
    error_id: 'tool_aborted',
    code: limited.kind === 'timeout' ? 'timeout' : 'tool',
    message: 'the node ended before the tool did',
    source: 'tool_runtime',
  });
  return outcomeOf(stage, limited);
}

async function work(stage: Stage, signal: AbortSignal): Promise<Outcome<JsonValue>> {
  const { visit, parts, context, session, agent } = stage;
  if (visit.node.kind === 'agent') {
    return agent === null ? failure(noAgent(stage)) : agentWork(stage, { agent, signal });
  }
  const op = parts.ops.opFor(visit.node);
  if (op === undefined)
    return failure(deterministicFailure(`nothing is registered for role ${visit.node.role}`));
  return runDeterministic({ op, visit, context, session, memory: parts.memory, signal });
}

async function agentWork(
  stage: Stage,
  { agent, signal }: { readonly agent: AgentDefinition; readonly signal: AbortSignal },
): Promise<Outcome<JsonValue>> {
  const { parts, visit, context } = stage;
  const answer = await runAgent({ ports: parts, agent, visit, context: context?.package ?? null, signal });
  if (!answer.ok) return answer;
  stage.plan = answer.value.plan;
  const excess = stage.plan === null ? null : await followPlan(stage.plan, stage.session);
  return excess === null ? success(answer.value.output) : failure(excess);
}

function outcomeOf({ visit, parts }: Stage, limited: Limited<Outcome<JsonValue>>): Outcome<JsonValue> {
  const { id } = visit.node;
  switch (limited.kind) {
    case 'done':
      return limited.value;
    case 'threw':
      return failure(deterministicFailure(describeThrown(limited.thrown)));
    case 'timeout':
      return failure({
        error_id: 'node_execution_timeout',
        code: 'timeout',
        message: `node "${id}" took longer than ${parts.nodeTimeoutMs} ms`,
        source: 'runtime',
      });
    case 'aborted':
      return failure({
        error_id: 'node_cancelled',
        code: 'unknown',
        message: `the run was cancelled while node "${id}" was running`,
        source: 'runtime',
      });
  }
}

function judgeWork(stage: Stage, outcome: Outcome<JsonValue>): StageEnd {
  const { session, parts, visit } = stage;
  const produced = outcome.ok ? outcome.value : undefined;
  if (session.misuse !== null) return { output: produced, failure: session.misuse };
  if (!outcome.ok) return { output: undefined, failure: outcome.failure };
  const schema = { schema: visit.node.outputs_schema_id, direction: 'output' } as const;
  const mismatch = schemaObjection(parts.schemas, schema, outcome.value);
  if (mismatch !== null) return { output: produced, failure: mismatch };
  const output = attaches(stage, outcome.value)
    ? attachToolResults(outcome.value, session.records)
    : outcome.value;
  const objection = visit.checkOutput(output);
  return { output, failure: objection === null ? null : failureOf(objection) };
}

/** What says by itself where the task goes, `"approve"` or a list of inputs, stays as it is. */
function attaches({ visit: { node } }: Stage, value: JsonValue): boolean {
  if (ROUTED_BY_OUTPUT.has(node.role) && !isJsonObject(value)) return false;
  return node.kind === 'agent' && node.metadata['attach_tool_results'] !== false;
}

function noAgent({ visit: { node } }: Stage): Failure {
  return {
    error_id: 'agent_not_found',
    code: 'config',
    message: `node "${node.id}" names agent "${node.agent_id ?? ''}", which does not exist`,
    source: 'agent_runtime',
  };
}
