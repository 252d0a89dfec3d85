/** Facts first, then a constant phrase. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where libraries write what people may want to read. Log text is never data: nothing parses it.
 * Contract: never throws.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

/** A logger that writes nothing: the default where none is given. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
