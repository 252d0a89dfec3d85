import type { WorkflowNode } from '../model/workflow.ts';
import type { MergePayload } from './merge-payload.ts';
import type { RoutingFault } from './routing-fault.ts';

/** What a merge does about what arrived. */
export type MergePlan =
  /** `degrades`: the task is at best partial from now on. */
  | { readonly kind: 'run'; readonly degrades: boolean }
  | { readonly kind: 'halt'; readonly fault: RoutingFault };

export function planMerge(node: WorkflowNode, payload: MergePayload): MergePlan {
  const { merge_inputs: inputs, merge_failures: failures } = payload;
  if (inputs.length === 0) {
    return halt('merge_no_inputs', `merge "${node.id}": nothing arrived, ${failures.length} failed`);
  }
  const failed = failures.length > 0;
  if (node.merge_failure_mode === 'fail_on_any' && failed && !node.continue_on_failure) {
    return halt('merge_upstream_failed', `merge "${node.id}": ${failures.length} of its inputs failed`);
  }
  const degraded = failed || inputs.some((item) => item.node_status === 'partial');
  return { kind: 'run', degrades: degraded && node.merge_failure_mode !== 'ignore_failures' };
}

function halt(id: RoutingFault['id'], message: string): MergePlan {
  return { kind: 'halt', fault: { id, message } };
}
