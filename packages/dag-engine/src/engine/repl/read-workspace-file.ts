import { readFile } from 'node:fs/promises';
import { CommandError } from '../errors.ts';
import type { CommandContext } from './command.ts';
import { splitWords } from './split-words.ts';
import { resolveInWorkspace, type WorkspacePlace } from './workspace-path.ts';

/** A text file that a command's only argument names. */
export interface WorkspaceFile extends WorkspacePlace {
  /** As typed. */
  readonly name: string;
  readonly text: string;
  /** Whether there was none; its text is then empty. */
  readonly isMissing: boolean;
}

/** @throws {CommandError} when none or several are named, or it is outside the workspace or cannot be read. */
export async function readWorkspaceFile(
  { workspaceRoot }: Pick<CommandContext, 'workspaceRoot'>,
  command: string,
  args: string,
): Promise<WorkspaceFile> {
  const file = await findWorkspaceFile({ workspaceRoot }, command, args);
  if (file.isMissing) throw new CommandError(command, `there is no file ${file.name}`, { args });
  return file;
}

/** As {@link readWorkspaceFile}, for a file that need not exist. */
export async function findWorkspaceFile(
  { workspaceRoot }: Pick<CommandContext, 'workspaceRoot'>,
  command: string,
  args: string,
): Promise<WorkspaceFile> {
  const [name, ...others] = splitWords(args);
  if (name === undefined || others.length > 0) throw new CommandError(command, 'name one file', { args });
  const place = await resolveInWorkspace(workspaceRoot, name);
  if (place === undefined) throw new CommandError(command, `${name} is outside the workspace`, { args });
  try {
    return { name, ...place, text: await readFile(place.path, 'utf8'), isMissing: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { name, ...place, text: '', isMissing: true };
    throw new CommandError(command, `${name} cannot be read (${code ?? 'unknown'})`, { args, cause: error });
  }
}
