import type { RunEvent } from '@agentswarm/core';
import { treeOf } from '@agentswarm/git';
import { runGate, type Gate } from '@agentswarm/merge-queue';
import { OrchestratorError } from '../errors.ts';
import type { Target } from '../target/target.ts';

/**
 * Runs the gate on main as it is.
 *
 * @throws {OrchestratorError} TARGET_RED naming the failing command; GATE_CANNOT_RUN.
 */
export async function checkBaseIsGreen(options: {
  readonly gate: Gate;
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly append: (event: RunEvent) => void;
}): Promise<void> {
  const { gate, target, signal, append } = options;
  const { tip: commit } = target;
  const repository = target.state.store;
  const tree = await treeOf({ repository, commit });
  append({ type: 'gate_started', tickets: [], candidate: commit, tree });
  const startedAtMs = performance.now();
  const verdict = await runGate(gate, { repository, commit, tree, tickets: [], signal });
  append({
    type: 'gate_finished',
    tickets: [],
    candidate: commit,
    verdict: verdict.kind,
    durationMs: performance.now() - startedAtMs,
    ...(verdict.kind === 'pass' ? {} : { failure: verdict.failure }),
  });
  if (verdict.kind === 'pass') return;
  const { command, outputTail, problem, exitCode } = verdict.failure;
  const how = problem ?? `exit code ${exitCode}`;
  throw new OrchestratorError(
    verdict.kind === 'fail' ? 'TARGET_RED' : 'GATE_CANNOT_RUN',
    `the gate fails on ${target.mainBranch} (${commit.slice(0, 12)}) before anything was changed: ${command} (${how})\n${outputTail}`.trimEnd(),
    { details: { command, commit, exitCode } },
  );
}
