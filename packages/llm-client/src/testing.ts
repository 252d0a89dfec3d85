export { runBudgetStoreSuite } from './money/budget-store-suite.ts';
export type { BudgetStoreSuiteOptions } from './money/budget-store-suite.ts';
