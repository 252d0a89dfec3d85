import { execFileSync } from 'node:child_process';

const IDENTITY = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid', '-c', 'gc.auto=0'];

/** Runs git and gives its output; fails loudly. */
export function gitIn(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 }).trim();
}
