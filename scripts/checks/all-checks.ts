import { boundariesCheck } from './boundaries-check.ts';
import { buildCheck } from './build-check.ts';
import type { Check } from './check.ts';
import { dependenciesCheck } from './dependencies-check.ts';
import { packagesCheck } from './packages-check.ts';
import { pythonCheck } from './python-check.ts';
import { referenceCheck } from './reference-check.ts';
import { formatCheck, lintCheck, typesCheck, unusedCheck } from './tool-checks.ts';
import { lockfilesCheck, tracesCheck } from './traces-check.ts';

/** Every check, in the order they run: quick ones first, and `build` before what inspects its output. */
export const allChecks: readonly Check[] = [
  formatCheck,
  tracesCheck,
  lockfilesCheck,
  boundariesCheck,
  dependenciesCheck,
  typesCheck,
  lintCheck,
  unusedCheck,
  pythonCheck,
  referenceCheck,
  buildCheck,
  packagesCheck,
];
