import type { ContextPackage } from '../../model/context.ts';
import { textOf, type JsonValue } from '../../model/json.ts';
import type { AgentDefinition } from '../../model/manifest-set.ts';
import { askModel } from '../../tools/ask-model.ts';
import {
  describeThrown,
  detailsOfThrown,
  failure,
  success,
  type Failure,
  type Outcome,
} from '../../tools/failure.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';
import type { NodeVisit } from '../../routing/node-executor.ts';
import { buildPrompt } from './build-prompt.ts';
import { parseReply } from './parse-reply.ts';
import { parseAnswer, type AgentAnswer } from './parse-tool-plan.ts';

export interface AgentRun {
  readonly ports: ToolPorts;
  readonly agent: AgentDefinition;
  readonly visit: NodeVisit;
  readonly context: ContextPackage | null;
  readonly signal: AbortSignal;
}

/** Asks an agent's model and reads its answer; the plan in it is not executed yet. */
export async function runAgent(run: AgentRun): Promise<Outcome<AgentAnswer>> {
  const { ports, agent, visit, signal } = run;
  try {
    const client = ports.llm.clientFor(agent);
    if (client === undefined) return failure(noClient(agent));
    const payload = buildPrompt(visit, run.context, ports);
    const reply = parseReply(await askModel({ client, agent }, { payload, signal }));
    if (!reply.ok) return reply;
    if (reply.value.kind === 'json') return parseAnswer(reply.value.value);
    if (visit.node.outputs_schema_id !== null) return failure(notJson(visit.node.id, reply.value.value));
    return success({ output: reply.value.value, plan: null });
  } catch (thrown) {
    return failure({
      error_id: 'agent_execution_failed',
      code: 'agent',
      message: `agent "${agent.id}": ${describeThrown(thrown)}`,
      source: 'agent_runtime',
      ...detailsOfThrown(thrown),
    });
  }
}

function noClient({ id, provider }: AgentDefinition): Failure {
  const wanted = provider === null ? 'the default provider' : `provider "${provider}"`;
  return {
    error_id: 'no_llm_client',
    code: 'config',
    message: `no model client serves ${wanted} of agent "${id}"`,
    source: 'agent_runtime',
  };
}

/** How much of a reply is told that nothing else keeps. */
const TOLD_CHARACTERS = 1_000;

function notJson(nodeId: string, reply: JsonValue): Failure {
  return {
    error_id: 'agent_reply_not_json',
    code: 'json',
    message: `the model answered with text, and node "${nodeId}" has an output schema`,
    source: 'agent_runtime',
    details: { reply: textOf(reply).slice(0, TOLD_CHARACTERS) },
  };
}
