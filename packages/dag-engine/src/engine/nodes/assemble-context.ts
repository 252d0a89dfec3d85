import { describeThrown, type Failure } from '../tools/failure.ts';
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

async function assemble({ parts, visit }: Stage): Promise<AssembledContext | Failure> {
  try {
    const assembled = await parts.context.assemble(visit.task, visit.node.context);
    return 'error' in assembled ? failureOf(assembled.error) : assembled;
  } catch (thrown) {
    return {
      error_id: 'context_assembly_failed',
      code: 'validation',
      message: `context "${visit.node.context}": ${describeThrown(thrown)}`,
      source: 'memory',
    };
  }
}

function isFailure(assembled: AssembledContext | Failure): assembled is Failure {
  return 'error_id' in assembled;
}
