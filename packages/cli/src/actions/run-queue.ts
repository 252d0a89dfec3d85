import { Engine, type JsonValue, type QueueResult } from '@agentswarm/dag-engine/engine';
import { print, type CliContext } from '../context.ts';
import { describeAnswers } from '../engine/answering-model.ts';
import { concludeModels } from '../engine/conclude-models.ts';
import { setUpEngine, type ModelFlags } from '../engine/engine-setup.ts';
import { formatOutput, labelled } from '../engine/format-run.ts';
import { readBatches } from '../engine/input-batches.ts';
import { interruptible } from '../engine/interruptible.ts';
import { refusedLine, type RefusedLine } from '../engine/refused-line.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { exitCodeOfRuns, tellWarnings } from './run-engine.ts';

export interface QueueFlags extends ModelFlags {
  readonly input: readonly string[];
  readonly start?: string;
  readonly json?: boolean;
}

/** Inputs in the engine's queue at the same time, at most: it remembers as many that have ended. */
const MAX_WAITING = 1000;

/** `agentswarm engine queue DIR`: runs many inputs, as many at once as scheduler.yaml says; 1 when one fails. */
export async function runQueue(context: CliContext, dir: string, flags: QueueFlags): Promise<ExitCode> {
  using interrupt = interruptible(context);
  await using setup = await setUpEngine(context, dir, flags);
  const { configDir, options, answers } = setup;
  const signal = interrupt.graceful;
  await using engine = await Engine.fromConfigDir(configDir, options);
  if (flags.json !== true) tellWarnings(context, engine);
  let code: ExitCode = EXIT_CODES.goalMet;
  const show = (result: QueueResult | RefusedLine, input: string) => {
    print(context, flags.json === true ? JSON.stringify(result) : formatQueueResult(result, input));
    if (exitCodeOfRuns([result]) !== EXIT_CODES.goalMet) code = EXIT_CODES.notMet;
  };
  const tell = (result: QueueResult) => {
    const { input = null } = engine.getScheduler().getTaskState(result.task_id) ?? {};
    show(result, JSON.stringify(input));
  };
  for await (const batch of readBatches(context, flags.input, signal)) {
    for (const item of batch)
      if (item.kind === 'malformed') show(refusedLine(item.line, item.message), `line ${item.line}`);
    const inputs = batch.flatMap((item) => (item.kind === 'input' ? [item.value] : []));
    await runBatch(engine, inputs, { start: flags.start, signal, tell });
    if (signal.aborted) break;
  }
  if (answers !== undefined && answers.givenCount > 0) context.stderr.write(`${describeAnswers(answers)}\n`);
  return signal.aborted ? EXIT_CODES.interrupted : concludeModels(context, setup.access, code);
}

interface BatchOptions {
  readonly start: string | undefined;
  readonly signal: AbortSignal;
  readonly tell: (result: QueueResult) => void;
}

/** No more at a time than the queue holds, and than memory should: more inputs than that wait outside. */
async function runBatch(
  engine: Engine,
  batch: readonly JsonValue[],
  { start, signal, tell }: BatchOptions,
): Promise<void> {
  const size = Math.min(engine.getQueueStatus().max_queue_size ?? MAX_WAITING, MAX_WAITING);
  for (let first = 0; first < batch.length && !signal.aborted; first += size) {
    for (const input of batch.slice(first, first + size)) engine.enqueue(input, start);
    await engine.runQueued({ signal, onResult: tell });
    forget(engine);
  }
}

/** What has been told is not asked for again: a queue may run for weeks. */
function forget(engine: Engine): void {
  engine.clearEvents();
  engine.clearCompletedTasks();
  engine.getMetricsCollector().clear();
}

function formatQueueResult(result: QueueResult | RefusedLine, input: string): string[] {
  const { status, engine_task_id, task_id, error } = result;
  return [
    labelled(status, engine_task_id ?? task_id ?? ''),
    labelled('input', input),
    ...(error === undefined ? [] : [labelled('failed', `${error.message} [${error.error_id}]`)]),
    ...(task_id === null ? [] : formatOutput(result)),
    '',
  ];
}
