import { CommandError } from '../../errors.ts';
import type { Command } from '../command.ts';

export const retryCommand: Command = {
  name: 'retry',
  aliases: [],
  help: 'Runs the engine again on what it was last given',
  run: async ({ lastInput, runEngine }, args) => {
    if (lastInput === undefined) throw new CommandError('retry', 'nothing has been run yet', { args });
    await runEngine(lastInput);
  },
};
