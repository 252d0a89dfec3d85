import { closeSync, openSync, writeSync } from 'node:fs';
import { createRedactor, type Logger, type Secret, type SwarmConfig } from '@agentswarm/core';
import { pino, type Level } from 'pino';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface LoggingOptions {
  readonly level: SwarmConfig['logLevel'];
  /** Replaced by `***` in every line. */
  readonly secrets: readonly Secret[];
  /** Lines below this level are kept from people. */
  readonly shownLevel: Level;
  /** Shows a line to people; one line of JSON without line end. */
  readonly show: (line: string) => void;
}

/** Core's logger filled with pino: JSON lines, redacted, to people and, once a run exists, to its file. */
export interface Logging extends Disposable {
  readonly logger: Logger;
  /** Lines so far and from now on go to this file, too. */
  openFile(path: string): void;
}

/** Creates the logging of one command; disposing closes the file. */
export function createLogging(options: LoggingOptions): Logging {
  const redact = createRedactor(options.secrets);
  const shownFrom = pino.levels.values[options.shownLevel] ?? 0;
  let early: string[] | undefined = [];
  let file: number | undefined;
  const destination = {
    // Tells pino to keep the level of the current line in `lastLevel`.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(text: string) {
      const line = redact(text.trimEnd());
      if (file !== undefined) file = writeLine(file, line, options.show);
      else early?.push(`${line}\n`);
      // JSON lets some control characters be, and a part of the line may come from inside a sandbox.
      if (destination.lastLevel >= shownFrom) options.show(toTerminalLine(line));
    },
  };
  const logger: Logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    logger,
    openFile(path) {
      file = openSync(path, 'a');
      writeSync(file, (early ?? []).join(''));
      early = undefined;
    },
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
      file = undefined;
      early = undefined;
    },
  };
}

/** A logger must never fail its caller: when the file cannot be written (disk full), people are told once. */
function writeLine(file: number, line: string, show: (line: string) => void): number | undefined {
  try {
    writeSync(file, `${line}\n`);
    return file;
  } catch (error) {
    closeSync(file);
    show(JSON.stringify({ level: 'error', error: String(error), message: 'the log file cannot be written' }));
    return undefined;
  }
}
