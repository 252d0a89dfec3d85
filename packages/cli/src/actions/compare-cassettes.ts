import { resolve } from 'node:path';
import { diffCassettes, formatCassetteDiff, readCassette } from '@agentswarm/llm-client/cassette';
import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface CompareFlags {
  readonly json?: boolean;
}

/** `agentswarm model diff A B`: 0 when the cassettes hold the same exchanges, 1 when they do not. */
export async function compareCassettes(
  context: CliContext,
  files: { readonly a: string; readonly b: string },
  flags: CompareFlags,
): Promise<ExitCode> {
  const a = await readCassette(resolve(context.directory, files.a));
  const b = await readCassette(resolve(context.directory, files.b));
  const diff = diffCassettes(a, b);
  const isSame = diff.changed.length + diff.onlyInA.length + diff.onlyInB.length === 0;
  if (flags.json === true) printJson(context, { v: 1, isSame, ...diff });
  else print(context, formatCassetteDiff(diff).trimEnd().split('\n').map(toTerminalLine));
  return isSame ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
}
