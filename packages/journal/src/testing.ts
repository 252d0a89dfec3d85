export { runJournalSuite } from './journal-suite.ts';
export type { JournalSuiteOptions } from './journal-suite.ts';
