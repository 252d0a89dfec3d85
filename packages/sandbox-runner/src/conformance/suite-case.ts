import type { Sandbox, SandboxBackend, SandboxSpec } from '@agentswarm/core';
import type { SourceRepository } from './source-repository.ts';

/** What a test of the suite works with. */
export interface CaseContext {
  readonly backend: SandboxBackend;
  readonly source: SourceRepository;
  /** Makes a sandbox that ends with the test. */
  readonly open: (spec?: Partial<SandboxSpec>) => Promise<Sandbox>;
}

/** One behaviour that every backend has. */
export interface SuiteCase {
  readonly title: string;
  readonly run: (context: CaseContext) => Promise<void>;
}
