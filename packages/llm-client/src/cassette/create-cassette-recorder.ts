import type { FileHandle } from 'node:fs/promises';
import { LlmError } from '../errors.ts';
import { openCassetteFile } from './cassette-file.ts';
import { createExchangeRecorder, type RecordingOptions } from './create-exchange-recorder.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import type { CassetteExchange } from './exchange.ts';

export interface CassetteRecorderOptions extends RecordingOptions {
  /** Appended to, made if missing, with mode 0600. Contract: one recorder a file. */
  readonly path: string;
  /** Hears of each exchange before it is written. Contract: does not throw. */
  readonly onExchange?: (exchange: CassetteExchange) => void;
}

/** Records into a file. Disposing waits for what has ended and rejects when something could not be written. */
export type CassetteRecorder = ExchangeRecorder & AsyncDisposable;

/**
 * Records exchanges into a cassette, one line each in order of completion. The file is opened by the first of
 * them; a line that a crash had cut is taken off then. After a failed write nothing more is written.
 *
 * @example
 * await using recorder = createCassetteRecorder({ path: 'run.cassette.jsonl', secrets: [apiKey] });
 */
export function createCassetteRecorder(options: CassetteRecorderOptions): CassetteRecorder {
  const { path, onExchange, ...recording } = options;
  let file: FileHandle | undefined;
  let failure: LlmError | undefined;
  let written = Promise.resolve();

  const write = async (exchange: CassetteExchange) => {
    if (failure !== undefined) return;
    try {
      file ??= await openCassetteFile(path);
      await file.appendFile(`${JSON.stringify(exchange)}\n`);
    } catch (cause) {
      failure = new LlmError('CASSETTE_INVALID', `cassette ${path} cannot be written`, {
        cause,
        details: { path },
      });
    }
  };
  const recorder = createExchangeRecorder({
    ...recording,
    onExchange(exchange) {
      onExchange?.(exchange);
      written = written.then(() => write(exchange));
    },
  });
  return {
    ...recorder,
    async [Symbol.asyncDispose]() {
      await written;
      await file?.close();
      file = undefined;
      if (failure !== undefined) throw failure;
    },
  };
}
