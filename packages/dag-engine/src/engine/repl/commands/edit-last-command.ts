import { CommandError } from '../../errors.ts';
import { textOf } from '../../model/json.ts';
import type { Command } from '../command.ts';

export const editLastCommand: Command = {
  name: 'edit-last',
  aliases: [],
  help: 'Shows what you said last, takes a new version (ended by an empty line) and runs it',
  run: async (context, args) => {
    const last = context.history.findLast(({ role, command }) => role === 'user' && command === null);
    if (last === undefined) throw new CommandError('edit-last', 'nothing has been said yet', { args });
    const before = textOf(last.input);
    before.split('\n').forEach((line, index) => context.print(`${index + 1}: ${line}`));
    const lines: string[] = [];
    for (;;) {
      const line = await context.ask('> ');
      if (line === undefined || line.trim() === '') break;
      lines.push(line);
    }
    const text = lines.join('\n');
    if (text === '' || text === before) context.print('No changes made');
    else await context.runText(text);
  },
};
