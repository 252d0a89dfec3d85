import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { MergeFailureMode } from '../../src/engine/model/vocabulary.ts';
import type { Shape } from './random-workflow.ts';

const PYTHON = 'python3';
const MODEL = fileURLToPath(new URL('join-semantics-prototype.py', import.meta.url));

export interface JoinCase extends Shape {
  readonly mode: MergeFailureMode;
  readonly subtasks: number;
  readonly failures: readonly boolean[];
  readonly choices: readonly number[];
}

export type ModelAnswer =
  | { readonly ambiguous: string }
  | {
      readonly ambiguous?: never;
      readonly state: string;
      readonly flag: string;
      readonly trace: readonly (readonly [task: string, node: string, inputs: unknown])[];
      readonly tasks: Readonly<Record<string, string>>;
    };

export function hasPython(): boolean {
  return spawnSync(PYTHON, ['--version']).status === 0;
}

/** The executable model of the join rules, as one process that answers case after case. */
export function startJoinModel() {
  const child = spawn(PYTHON, [MODEL], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async answer(joinCase: JoinCase): Promise<ModelAnswer> {
      child.stdin.write(`${JSON.stringify(joinCase)}\n`);
      const line = await lines.next();
      return JSON.parse(line.done ? '' : line.value) as ModelAnswer;
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
