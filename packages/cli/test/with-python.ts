import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** The interpreter of `infra/`. */
const python = fileURLToPath(new URL('../../../infra/.venv/bin/python', import.meta.url));

/** Declares tests that need the Python side; without it they are skipped, and say so. */
export function describeWithPython(title: string, declare: () => void): void {
  if (existsSync(python)) describe(title, declare);
  else describe(title, () => it('works', ({ skip }) => skip('the Python side is not set up (infra/.venv)')));
}
