import type { CliContext } from '../context.ts';
import { readText } from '../engine/read-input.ts';
import { CliError } from '../errors.ts';

/**
 * A prompt as typed: itself, `@FILE`, or `-` for standard input.
 *
 * @throws {CliError} CLI_PROMPT_EMPTY, CLI_FILE_UNREADABLE.
 */
export async function readPrompt(
  context: Pick<CliContext, 'directory' | 'openStdin'>,
  typed: string,
): Promise<string> {
  const text = typed.startsWith('@')
    ? await readText(context, fileOf(typed))
    : typed === '-'
      ? await readText(context, '-')
      : typed;
  if (text.trim() !== '') return text;
  throw new CliError('CLI_PROMPT_EMPTY', 'the prompt is empty');
}

/** `@-` is no file. */
function fileOf(typed: string): string {
  const file = typed.slice(1);
  if (file !== '' && file !== '-') return file;
  throw new CliError('CLI_USAGE', `"${typed}" names no file to read the prompt from`);
}
