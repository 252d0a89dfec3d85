export { createSampleMerge } from './conformance/sample-merge.ts';
export type { MergeSample, SampleMerge } from './conformance/sample-merge.ts';
export type { SampleFiles } from './conformance/sample-store.ts';
export { runConflictResolverSuite } from './conformance/resolver-suite.ts';
export type { ConflictResolverSuiteOptions } from './conformance/resolver-suite.ts';
export { runGateSuite } from './conformance/gate-suite.ts';
export type { GateSuiteOptions, GateUnderTest } from './conformance/gate-suite.ts';
