import { describeThrown, type Failure } from '../tools/failure.ts';
import { runLimited } from '../tools/run-limited.ts';
import type { AssembledContext } from './node-ports.ts';
import { failureOf } from './stage-guards.ts';
import type { Stage } from './stage.ts';

/** Gets what the node may read, or tells why it cannot. A node with `context: none` reads nothing. */
export async function assembleContext(stage: Stage): Promise<Failure | null> {
  const { node } = stage.visit;
  if (node.context === 'none') return null;
  const assembled = await assemble(stage);
  if (isFailure(assembled)) {
    stage.emit('context_failed', { error: stage.record(assembled) });
    return assembled;
  }
  stage.context = assembled;
  const { metadata } = assembled;
  if (metadata !== null) {
    stage.emit('context_assembled', {
      profile_id: metadata.profile_id,
      item_count: metadata.items_count,
      token_count: metadata.total_tokens,
    });
  }
  return null;
}

/** Stores and retrievers can be foreign code, so they get no more time than the node itself. */
async function assemble({ parts, visit }: Stage): Promise<AssembledContext | Failure> {
  const { signal, node, task } = visit;
  const { nodeTimeoutMs: timeoutMs } = parts;
  const limited = await runLimited(() => parts.context.assemble(task, node.context), { signal, timeoutMs });
  switch (limited.kind) {
    case 'done':
      return 'error' in limited.value ? failureOf(limited.value.error) : limited.value;
    case 'threw':
      return contextFailure(node.context, 'validation', describeThrown(limited.thrown));
    case 'timeout':
      return contextFailure(node.context, 'timeout', `not there after ${timeoutMs} ms`);
    case 'aborted':
      return contextFailure(node.context, 'unknown', 'the run was cancelled');
  }
}

function contextFailure(context: string, code: Failure['code'], problem: string): Failure {
  const message = `context "${context}": ${problem}`;
  return { error_id: 'context_assembly_failed', code, message, source: 'memory' };
}

function isFailure(assembled: AssembledContext | Failure): assembled is Failure {
  return 'error_id' in assembled;
}
