import { CliError } from '../errors.ts';

/** A port as typed; 0 chooses a free one. @throws {CliError} CLI_USAGE. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CliError('CLI_USAGE', `--port must be a whole number from 0 to 65535, not "${text}"`);
}
