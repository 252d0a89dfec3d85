export { runGateSuite } from './conformance/gate-suite.ts';
export type { GateSuiteOptions, GateUnderTest } from './conformance/gate-suite.ts';
