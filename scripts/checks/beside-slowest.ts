import type { Check } from './check.ts';
import { lintCheck } from './tool-checks.ts';

/**
 * Starts the check that takes as long as the others together, if it is one of them, so that they run
 * beside it. It is told in its place.
 */
export function besideSlowest(checks: readonly Check[], root: string): readonly Check[] {
  if (!checks.includes(lintCheck)) return checks;
  const started = Promise.allSettled([lintCheck.run(root)]);
  const run = async () => {
    const [lint] = await started;
    if (lint.status === 'rejected') throw lint.reason;
    return lint.value;
  };
  return checks.map((check) => (check === lintCheck ? { ...check, run } : check));
}
