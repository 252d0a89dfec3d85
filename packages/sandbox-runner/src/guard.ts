import { runGuard } from './modal/guard/guard-program.ts';
import type { GuardTerms } from './modal/guard/guard-terms.ts';

/** Runs inside a remote sandbox and imports nothing but what comes with Node; told all by its only argument. */
await runGuard(JSON.parse(process.argv[2] ?? '') as GuardTerms);
