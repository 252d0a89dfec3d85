import type { SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { attachCases } from './attach-cases.ts';
import { commitCases } from './commit-cases.ts';
import { execCases } from './exec-cases.ts';
import { fileCases } from './file-cases.ts';
import { lifecycleCases } from './lifecycle-cases.ts';
import { limitCases } from './limit-cases.ts';
import { allowListCases, networkCases } from './network-cases.ts';
import { registryCases } from './registry-cases.ts';
import { streamCases } from './stream-cases.ts';
import type { SuiteCase } from './suite-case.ts';
import { transferCases } from './transfer-cases.ts';
import { createSourceRepository, type SourceRepository } from './source-repository.ts';

export interface SandboxBackendSuiteOptions {
  /** Name of the backend under test. */
  readonly name: string;
  /** Makes the backend; called once, disposed at the end. */
  readonly create: () => Promise<SandboxBackend>;
  /** An http address that the backend was told is a registry and that answers GET with `registry`. */
  readonly registryUrl?: string;
  /** Titles of tests this backend cannot pass, with the reason shown in the report. */
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

const SUITE_CASES: readonly SuiteCase[] = [
  ...execCases,
  ...fileCases,
  ...commitCases,
  ...lifecycleCases,
  ...transferCases,
  ...attachCases,
  ...streamCases,
  ...networkCases,
  ...limitCases,
];
const NO_REGISTRY = 'no registry was named for this backend';

/** Declares the tests that every {@link SandboxBackend} must pass. Call it in a vitest file. */
export function runSandboxBackendSuite(options: SandboxBackendSuiteOptions): void {
  describe(`sandbox backend: ${options.name}`, () => {
    let backend: SandboxBackend;
    let source: SourceRepository;
    beforeAll(async () => {
      backend = await options.create();
      source = await createSourceRepository();
    });
    afterAll(async () => {
      await backend[Symbol.asyncDispose]();
      await source[Symbol.asyncDispose]();
    });
    for (const { title, run } of SUITE_CASES) {
      const skipped = options.skip?.find(({ tests }) => tests.includes(title));
      it(title, async ({ skip }) => {
        if (skipped !== undefined) skip(skipped.reason);
        await runCase(run, { backend, source });
      });
    }
    for (const { title, run } of [...registryCases, ...allowListCases]) {
      it(title, async ({ skip }) => {
        const { registryUrl } = options;
        if (registryUrl === undefined) return skip(NO_REGISTRY);
        await runCase((context) => run({ ...context, registryUrl }), { backend, source });
      });
    }
  });
}

async function runCase(
  run: SuiteCase['run'],
  on: { readonly backend: SandboxBackend; readonly source: SourceRepository },
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  await run({
    ...on,
    open: async (spec = {}) =>
      opened.use(await on.backend.create({ labels: { run: 'run-suite', purpose: 'command' }, ...spec })),
  });
}
