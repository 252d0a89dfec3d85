import { CliError } from '../errors.ts';

/** A whole number of at least 1, as typed behind a flag. @throws {CliError} CLI_USAGE. */
export function parseCount(flag: string, text: string): number {
  const count = Number(text);
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new CliError('CLI_USAGE', `${flag} must be a whole number of at least 1, not "${text}"`);
}
