import { runCli } from '../src/run-cli.ts';
import { createFakeRun } from './fake-run.ts';

/** A process that drives a synthetic run until it is told to stop. Started by tests. */
process.exitCode = await runCli(['run', '--events'], { composeRun: createFakeRun({ waitForStop: true }) });
