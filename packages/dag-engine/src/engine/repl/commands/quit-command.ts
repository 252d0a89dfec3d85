import type { Command } from '../command.ts';

/** What {@link Command.run} gives to end the session. */
export const QUIT = 'quit';

export const quitCommand: Command = {
  name: 'quit',
  aliases: ['exit'],
  help: 'Ends the session',
  run: ({ print }) => {
    print('Goodbye');
    return QUIT;
  },
};
