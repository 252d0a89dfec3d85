import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { planFileChange } from '../plan-file-change.ts';
import { findWorkspaceFile, type WorkspaceFile } from '../read-workspace-file.ts';

export const applyPatchCommand: Command = {
  name: 'apply_patch',
  aliases: [],
  help: 'Changes a file to what the session made of it, after asking: /apply_patch <path>',
  run: async (context, args) => {
    const file = await findWorkspaceFile(context, 'apply_patch', args);
    const change = planFileChange(context, file);
    if (change === undefined) return context.print(`Nothing in this session made ${file.name}`);
    if (change.kind === 'misfit') throw new CommandError('apply_patch', change.reason, { args });
    if (change.text === file.text) return context.print(`${file.name} is as the session made it`);
    for (const line of change.patch.trimEnd().split('\n')) context.print(line);
    const answer = await context.ask(`Apply to ${file.name}? [y/N] `);
    if (answer?.trim().toLowerCase() !== 'y') return context.print('Nothing was changed');
    await replace(file, change.text);
    context.print(`Changed ${file.name}`);
  },
};

/** Writes a file with a copy of it beside, which comes back when writing fails. */
async function replace({ path, isMissing, name }: WorkspaceFile, text: string): Promise<void> {
  const backup = `${path}.backup`;
  await mkdir(dirname(path), { recursive: true });
  if (!isMissing) await keepCopy(path, { backup, name });
  try {
    await writeFile(path, text);
  } catch (error) {
    if (!isMissing) await rename(backup, path);
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      'apply_patch',
      `${name} could not be written (${code ?? 'unknown'}) and is as it was`,
      { args: name, cause: error },
    );
  }
  if (!isMissing) await rm(backup);
}

/** What is at the place of the copy already is somebody's: the person's, or what an earlier attempt left. */
async function keepCopy(
  path: string,
  { backup, name }: { readonly backup: string; readonly name: string },
): Promise<void> {
  try {
    await copyFile(path, backup, constants.COPYFILE_EXCL);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'exists: move it away' : `could not be written (${code ?? 'unknown'})`;
    throw new CommandError('apply_patch', `${name}.backup ${reason}; ${name} is as it was`, {
      args: name,
      cause: error,
    });
  }
}
