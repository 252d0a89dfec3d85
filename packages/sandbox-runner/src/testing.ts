export { runSandboxBackendSuite } from './conformance/suite.ts';
export type { SandboxBackendSuiteOptions } from './conformance/suite.ts';
