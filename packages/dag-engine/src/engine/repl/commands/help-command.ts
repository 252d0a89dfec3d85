import { CommandError } from '../../errors.ts';
import type { Command } from '../command.ts';

export const helpCommand: Command = {
  name: 'help',
  aliases: [],
  help: 'Lists the commands, or explains one: /help [command]',
  run: ({ commands, print }, args) => {
    const name = args.trim().replace(/^\//, '');
    if (name === '') {
      for (const command of commands) print(`/${command.name}  ${command.help.split('\n')[0] ?? ''}`);
      return;
    }
    const command = commands.find((other) => other.name === name || other.aliases.includes(name));
    if (command === undefined) throw new CommandError('help', `Command '${name}' not found`, { args });
    print(command.help);
    if (command.aliases.length > 0) print(`Also: ${command.aliases.map((alias) => `/${alias}`).join(', ')}`);
  },
};
