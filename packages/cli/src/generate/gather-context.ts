import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readText } from '../engine/read-input.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';

/**
 * The files a person gives along, each below a line with its name.
 *
 * @throws {CliError} CLI_CONTEXT_TOO_LARGE naming the file with which there were too many bytes; CLI_FILE_UNREADABLE.
 */
export async function gatherContext(
  context: Pick<CliContext, 'directory' | 'openStdin'>,
  files: readonly string[],
  maxBytes: number,
): Promise<string> {
  const parts: string[] = [];
  let totalBytes = 0;
  for (const file of files) {
    const sizeBytes = await sizeOf(context.directory, file);
    if (totalBytes + sizeBytes > maxBytes) throw tooLarge(file, totalBytes + sizeBytes, maxBytes);
    const text = await readText(context, file === '-' ? './-' : file);
    totalBytes += Buffer.byteLength(text);
    if (totalBytes > maxBytes) {
      throw tooLarge(file, totalBytes, maxBytes);
    }
    parts.push(`--- ${file} ---\n${text}${text.endsWith('\n') ? '' : '\n'}`);
  }
  return parts.join('\n');
}

/** Before it is read: a device has no end. */
async function sizeOf(directory: string, file: string): Promise<number> {
  const path = resolve(directory, file);
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new CliError('CLI_FILE_UNREADABLE', `cannot read ${file}`, { cause: error, details: { file } });
  }
  throw new CliError('CLI_FILE_UNREADABLE', `cannot read ${file}: it is no regular file`, {
    details: { file },
  });
}

function tooLarge(file: string, totalBytes: number, maxBytes: number): CliError {
  return new CliError(
    'CLI_CONTEXT_TOO_LARGE',
    `with ${file} the context has ${totalBytes} bytes; at most ${maxBytes} are allowed`,
    { details: { file, totalBytes, maxBytes } },
  );
}
