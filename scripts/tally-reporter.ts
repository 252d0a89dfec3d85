import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { addTallies, EMPTY_TALLY } from './tally.ts';
import type { Tally } from './tally.ts';
import { TALLY_FILE_VARIABLE } from './tally-file.ts';

/** A vitest reporter that writes down what `npm test` sums up, with the reason of every skip. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env[TALLY_FILE_VARIABLE];
    if (file === undefined) return;
    const unhandled = errors.map(({ message }) => `unhandled error: ${firstLine(message)}`);
    const tally = addTallies([...modules.map(tallyModule), { ...EMPTY_TALLY, failures: unhandled }]);
    writeFileSync(file, JSON.stringify(tally));
  }
}

function tallyModule(module: TestModule): Tally {
  const path = relative(process.cwd(), module.moduleId);
  const broken = module.errors().map(({ message }) => `${path}: ${firstLine(message)}`);
  const suites = [...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map(({ message }) => `${path} > ${suite.fullName}: ${firstLine(message)}`),
  );
  const tests = [...module.children.allTests()].map((test) => tallyTest(test, path));
  return addTallies([...tests, { ...EMPTY_TALLY, failures: [...broken, ...suites] }]);
}

function tallyTest(test: TestCase, path: string): Tally {
  const name = `${path} > ${test.fullName}`;
  const result = test.result();
  switch (result.state) {
    case 'passed':
      return { ...EMPTY_TALLY, passed: 1 };
    case 'failed':
      return { ...EMPTY_TALLY, failures: [name] };
    case 'skipped':
      return { ...EMPTY_TALLY, skips: [{ test: name, reason: result.note ?? 'no reason stated' }] };
    case 'pending':
      return { ...EMPTY_TALLY, failures: [`${name}: did not finish`] };
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}
