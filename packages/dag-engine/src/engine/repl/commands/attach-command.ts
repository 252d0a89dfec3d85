import { CommandError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { splitWords } from '../split-words.ts';

export const attachCommand: Command = {
  name: 'attach',
  aliases: [],
  help: 'Attaches files of the workspace to what is said next: /attach <path…>',
  run: async (context, args) => {
    const paths = splitWords(args);
    if (paths.length === 0) throw new CommandError('attach', 'name at least one file', { args });
    let attached = 0;
    for (const path of paths) {
      try {
        await context.attachFile(path);
        attached += 1;
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        context.print(`Warning: ${error.problem}`);
      }
    }
    context.print(`Attached ${attached} file(s)`);
    for (const file of context.attachedFiles) context.print(`  ${file}`);
  },
};
