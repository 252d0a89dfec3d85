import type { AgentDefinition } from '../model/manifest-set.ts';
import type { ToolPorts } from '../tools/tool-ports.ts';
import type { ContextSource, NodeMemory } from './node-ports.ts';
import type { OpRegistry } from './op-registry.ts';

export interface NodeExecutorOptions extends ToolPorts {
  readonly agents: readonly AgentDefinition[];
  readonly ops: Pick<OpRegistry, 'opFor'>;
  readonly context: ContextSource;
  readonly memory: NodeMemory;
  /** For the work of a node with all its tools; default 300 s. */
  readonly nodeTimeoutMs?: number;
}
