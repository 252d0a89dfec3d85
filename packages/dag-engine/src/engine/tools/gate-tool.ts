import type { TaskMode } from '../model/vocabulary.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import type { Failure } from './failure.ts';
import type { PolicyChecker, ToolBinding } from './tool-ports.ts';

export interface ToolUse {
  readonly toolId: string;
  /** `undefined` when no such tool exists. */
  readonly binding: ToolBinding | undefined;
  readonly node: Pick<WorkflowNode, 'id' | 'tools'>;
  readonly mode: TaskMode;
  readonly policy: PolicyChecker;
}

/** `skip` is a tool that is switched off; `rehearse` records the call without running it. */
export type GateVerdict =
  | { readonly kind: 'skip' }
  | { readonly kind: 'refuse'; readonly failure: Failure; readonly policyReason?: string }
  | { readonly kind: 'run' | 'rehearse'; readonly binding: ToolBinding };

const SHELL_TYPES: ReadonlySet<string> = new Set(['shell', 'command']);

/** Decides whether a node may use a tool; the first objection counts. */
export function gateTool(use: ToolUse): GateVerdict {
  const { binding, toolId, node } = use;
  if (binding === undefined) return refuse('tool_not_found', 'tool', `there is no tool "${toolId}"`);
  if (!binding.definition.enabled) return { kind: 'skip' };
  if (!node.tools.includes(toolId)) {
    return refuse('tool_not_allowed', 'security', `node "${node.id}" does not list tool "${toolId}"`);
  }
  const objection = permissionObjection(binding, use);
  if (objection !== null)
    return refuse('tool_permission_denied', 'security', `tool "${toolId}" ${objection}`);
  const verdict = use.policy.check('tool', toolId);
  if (!verdict.allowed) return refusePolicy(verdict);
  return { kind: use.mode === 'dry_run' && mutates(binding) ? 'rehearse' : 'run', binding };
}

function permissionObjection(binding: ToolBinding, { mode }: ToolUse): string | null {
  const { definition } = binding;
  if (definition.capabilities.includes('external_network') && !definition.allow_network) {
    return 'needs the network, which its permissions do not allow';
  }
  if (SHELL_TYPES.has(definition.type) && !definition.allow_shell) {
    return 'runs commands, which its permissions do not allow';
  }
  if (mutates(binding) && (mode === 'analysis_only' || mode === 'review')) {
    return `changes the workspace, which mode ${mode} does not allow`;
  }
  return null;
}

function mutates({ definition, mutates: known }: ToolBinding): boolean {
  return known || definition.capabilities.includes('workspace_mutation');
}

function refuse(error_id: string, code: 'tool' | 'security', message: string): GateVerdict {
  return { kind: 'refuse', failure: { error_id, code, message, source: 'tool_runtime', misuse: true } };
}

function refusePolicy({ reason, set }: { readonly reason: string; readonly set: string }): GateVerdict {
  return {
    kind: 'refuse',
    policyReason: reason,
    failure: {
      error_id: 'tool_policy_denied',
      code: 'security',
      message: reason,
      source: 'policy',
      details: { policy: set },
      misuse: true,
    },
  };
}
