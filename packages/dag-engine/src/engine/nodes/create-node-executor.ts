import { concludeStage } from './conclude-stage.ts';
import type { NodeExecutorOptions } from './executor-options.ts';
import type { NodeExecutor } from '../routing/node-executor.ts';
import { performStage } from './perform-stage.ts';
import { Stage } from './stage.ts';

const DEFAULT_NODE_TIMEOUT_MS = 300_000;

/**
 * Makes what executes nodes, with everything around it: checks, context, tools, record, artifacts, memory and events.
 * Nothing is shared between executions, so several may run at once.
 */
export function createNodeExecutor(options: NodeExecutorOptions): NodeExecutor {
  const agents = new Map(options.agents.map((agent) => [agent.id, agent]));
  const nodeTimeoutMs = options.nodeTimeoutMs ?? DEFAULT_NODE_TIMEOUT_MS;
  const parts = { ...options, agents, nodeTimeoutMs };
  return {
    execute: async (visit) => {
      const stage = new Stage(parts, visit);
      stage.emit('node_started', { role: visit.node.role, kind: visit.node.kind, input: visit.input });
      return concludeStage(stage, await performStage(stage));
    },
  };
}
