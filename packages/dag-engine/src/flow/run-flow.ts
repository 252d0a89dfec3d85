import type { GraphEvent } from '../run/graph-event.ts';
import type { GraphJournal } from '../run/graph-journal.ts';
import type { GraphRun, NodeContext } from '../run/graph-run.ts';
import { runGraph } from '../run/run-graph.ts';
import { evaluateCondition, type SeenValue } from './condition/evaluate-condition.ts';
import { parseCondition } from './condition/parse-condition.ts';
import type { Flow } from './flow.ts';
import { FlowError } from './flow-error.ts';
import type { DecisionNode, FlowNode, FlowValue, LlmCallNode, SkillNode } from './flow-node.ts';
import type { FlowTask } from './flow-task.ts';
import { findLeftRunning } from './left-running.ts';
import { referenceText, valueAt, type Reference } from './reference.ts';
import { renderArguments, renderPrompt, type Lookup } from './render.ts';

/** Something a person has to say yes or no to. */
export type FlowQuestion =
  /** A condition whose values give it no meaning: is it true? */
  | {
      readonly kind: 'condition';
      readonly id: string;
      readonly condition: string;
      readonly reason: string;
      readonly values: readonly SeenValue[];
    }
  /** A node was running when an earlier run ended: may it run again? */
  | { readonly kind: 'run_again'; readonly id: string };

/** What the nodes of a flow do. Everything rejects when the signal aborts. */
export interface FlowActions {
  /** `args` has the values of earlier nodes in place. */
  skill(call: {
    readonly node: SkillNode;
    readonly args: FlowValue;
    readonly signal: AbortSignal;
  }): Promise<FlowValue>;
  /** `prompt` has the values of earlier nodes in place, between marks. */
  llmCall(call: {
    readonly node: LlmCallNode;
    readonly prompt: string;
    readonly signal: AbortSignal;
  }): Promise<FlowValue>;
  /** Default: nobody is there, and the node fails with CONDITION_AMBIGUOUS or RERUN_UNSAFE. */
  ask?(question: FlowQuestion, signal: AbortSignal): Promise<boolean>;
  /** Whether a node that was interrupted may run again without being asked about. Default: model calls may. */
  isIdempotent?(node: SkillNode): boolean;
}

/** How a flow is run. */
export interface RunFlowOptions {
  readonly actions: FlowActions;
  /** Default 1. */
  readonly concurrency?: number;
  readonly journal?: GraphJournal;
  readonly signal?: AbortSignal;
}

/** What happens in a run of a flow. */
export type FlowEvent = GraphEvent<FlowValue, FlowTask>;

/**
 * Runs a flow with {@link runGraph}: the same events, the same journal. A decision completes with a boolean and
 * skips the branch it does not take with everything that only that branch leads to; a node where branches
 * meet runs when one of them completed and none failed. Nodes that are complete in the document are not run again.
 */
export function runFlow(flow: Flow, options: RunFlowOptions): GraphRun<FlowValue, FlowTask> {
  const { actions, concurrency = 1, ...rest } = options;
  const leftRunning = options.journal === undefined ? new Set<string>() : findLeftRunning(options.journal);
  return runGraph<FlowTask, FlowValue>(flow.graph, {
    ...rest,
    concurrency,
    maxAttempts: ({ node }) => Math.max(1, node.max_retries - node.retries),
    // What is wrong with the flow itself is wrong the next time too.
    isRetryable: (error) => !(error instanceof FlowError),
    run: (task, context) => {
      // What fails after it was allowed to run again is tried again like any other node.
      const wasRunning = leftRunning.delete(task.id) || task.node.status === 'running';
      return new FlowStep(task, { context, actions, wasRunning }).run();
    },
  });
}

interface StepParts {
  readonly context: NodeContext<FlowTask, FlowValue>;
  readonly actions: FlowActions;
  /** An earlier run ended while it was running: what it did is not known. */
  readonly wasRunning: boolean;
}

/** One attempt of one node. */
class FlowStep {
  readonly #node: FlowNode;
  readonly #parts: StepParts;

  constructor({ node }: FlowTask, parts: StepParts) {
    this.#node = node;
    this.#parts = parts;
  }

  async run(): Promise<FlowValue> {
    const node = this.#node;
    const result = node.status === 'complete' ? node.result : await this.#perform(node);
    if (node.action === 'decision') {
      this.#parts.context.skip(result === true ? node.if_false : node.if_true);
    }
    return result;
  }

  async #perform(node: FlowNode): Promise<FlowValue> {
    const { actions, context } = this.#parts;
    const { signal } = context;
    switch (node.action) {
      case 'skill':
        await this.#askToRunAgain(node);
        return await actions.skill({ node, args: renderArguments(node.skill_args, this.#lookup), signal });
      case 'llm_call':
        return await actions.llmCall({
          node,
          prompt: renderPrompt(node.prompt_template, this.#lookup),
          signal,
        });
      case 'decision':
        return await this.#decide(node);
    }
  }

  async #askToRunAgain(node: SkillNode): Promise<void> {
    const { actions, context, wasRunning } = this.#parts;
    if (!wasRunning || actions.isIdempotent?.(node) === true) return;
    const { id } = node;
    if ((await actions.ask?.({ kind: 'run_again', id }, context.signal)) === true) return;
    throw new FlowError(
      'RERUN_UNSAFE',
      `"${id}" was running when an earlier run ended, and may not run twice`,
      {
        details: { id },
      },
    );
  }

  async #decide({ id, condition, depends_on: [only] }: DecisionNode): Promise<boolean> {
    const { actions, context } = this.#parts;
    const parsed = parseCondition(condition);
    if ('problem' in parsed) throw new FlowError('FLOW_INVALID', `"${id}": ${parsed.problem}`);
    const decision = evaluateCondition(parsed.expression, (reference) =>
      this.#find(reference ?? { id: only ?? '', path: [] }),
    );
    if (decision.kind === 'decided') return decision.value;
    const { reason, values } = decision;
    const question = { kind: 'condition', id, condition, reason, values } as const;
    const answer = await actions.ask?.(question, context.signal);
    if (answer !== undefined) return answer;
    throw new FlowError('CONDITION_AMBIGUOUS', `condition "${condition}" of "${id}": ${reason}`, {
      details: { id, condition, values },
    });
  }

  readonly #lookup: Lookup = (reference) => {
    const value = this.#find(reference);
    if (value !== undefined) return value;
    const text = referenceText(reference);
    throw new FlowError('REFERENCE_MISSING', `"${this.#node.id}" refers to ${text}, which has no value`, {
      details: { id: this.#node.id, reference: text },
    });
  };

  #find({ id, path }: Reference): FlowValue | undefined {
    const value = this.#parts.context.resultOf(id);
    return value === undefined ? undefined : valueAt(value, path);
  }
}
