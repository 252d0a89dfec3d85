import type { Engine, RunResult } from '@agentswarm/dag-engine/engine';

export interface Retried {
  readonly attempts: number;
  /** Of the last attempt, well or not. */
  readonly result: RunResult;
}

/** Runs until a run succeeds, at most so often; each attempt is told what was wrong with the one before. */
export async function retryLoop(engine: Engine, task: string, maxAttempts: number): Promise<Retried> {
  let problem: string | null = null;
  for (let attempts = 1; ; attempts += 1) {
    const result = await engine.run({ task, problem }, 'ask_writer');
    if (result.status === 'success' || attempts === maxAttempts) return { attempts, result };
    problem = result.error?.message ?? result.status;
  }
}
