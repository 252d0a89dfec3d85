import type { Command } from '../command.ts';
import { planFileChange } from '../plan-file-change.ts';
import { findWorkspaceFile } from '../read-workspace-file.ts';

export const diffCommand: Command = {
  name: 'diff',
  aliases: [],
  help: 'Compares a file with what the session made of it: /diff <path>',
  run: async (context, args) => {
    const file = await findWorkspaceFile(context, 'diff', args);
    const change = planFileChange(context, file);
    if (change === undefined) context.print(`Nothing in this session made ${file.name}`);
    else if (change.kind === 'misfit') context.print(change.reason);
    else if (change.text === file.text) context.print(`${file.name} is as the session made it`);
    else for (const line of change.patch.trimEnd().split('\n')) context.print(line);
  },
};
