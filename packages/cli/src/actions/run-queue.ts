import { Engine, type JsonValue, type QueueResult } from '@agentswarm/dag-engine/engine';
import { print, type CliContext } from '../context.ts';
import { describeAnswers } from '../engine/answering-model.ts';
import { setUpEngine, type ModelFlags } from '../engine/engine-setup.ts';
import { formatOutput, labelled } from '../engine/format-run.ts';
import { readBatches } from '../engine/input-batches.ts';
import { interruptible } from '../engine/interruptible.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { exitCodeOfRuns, tellWarnings } from './run-engine.ts';

export interface QueueFlags extends ModelFlags {
  readonly input: readonly string[];
  readonly start?: string;
  readonly json?: boolean;
}

/** `agentswarm engine queue DIR`: runs many inputs, as many at once as scheduler.yaml says; 1 when one fails. */
export async function runQueue(context: CliContext, dir: string, flags: QueueFlags): Promise<ExitCode> {
  const { configDir, options, answers } = await setUpEngine(context, dir, flags);
  using interrupt = interruptible(context);
  const signal = interrupt.graceful;
  await using engine = await Engine.fromConfigDir(configDir, options);
  if (flags.json !== true) tellWarnings(context, engine);
  let code: ExitCode = EXIT_CODES.goalMet;
  for await (const batch of readBatches(context, flags.input, signal)) {
    const results = await runBatch(engine, batch, { start: flags.start, signal });
    for (const result of results) {
      if (flags.json === true) print(context, JSON.stringify(result));
      else print(context, formatQueueResult(result, engine.getQueueStatus().tasks[result.task_id]?.input));
    }
    if (exitCodeOfRuns(results) !== EXIT_CODES.goalMet) code = EXIT_CODES.notMet;
    if (signal.aborted) break;
  }
  if (answers !== undefined && answers.givenCount > 0) context.stderr.write(`${describeAnswers(answers)}\n`);
  return signal.aborted ? EXIT_CODES.interrupted : code;
}

/** No more at a time than the queue holds: more inputs than that wait outside. */
async function runBatch(
  engine: Engine,
  batch: readonly JsonValue[],
  { start, signal }: { readonly start: string | undefined; readonly signal: AbortSignal },
): Promise<readonly QueueResult[]> {
  const size = engine.getQueueStatus().max_queue_size ?? batch.length;
  const results: QueueResult[] = [];
  for (let first = 0; first < batch.length && !signal.aborted; first += size) {
    for (const input of batch.slice(first, first + size)) engine.enqueue(input, start);
    results.push(...(await engine.runQueued({ signal })));
  }
  return results;
}

function formatQueueResult(result: QueueResult, input: JsonValue | undefined): string[] {
  const { status, engine_task_id, task_id, output, error } = result;
  return [
    labelled(status, engine_task_id ?? task_id),
    ...(input === undefined ? [] : [labelled('input', JSON.stringify(input))]),
    ...(error === undefined ? [] : [labelled('failed', `${error.message} [${error.error_id}]`)]),
    ...formatOutput(output),
    '',
  ];
}
