export { runMemoryStoreSuite } from './engine/memory/memory-store-suite.ts';
export type { MemoryStoreSuiteOptions } from './engine/memory/memory-store-suite.ts';
