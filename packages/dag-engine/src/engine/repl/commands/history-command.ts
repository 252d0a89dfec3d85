import { CommandError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { renderHistory } from '../render-history.ts';

const SHOWN = 10;

export const historyCommand: Command = {
  name: 'history',
  aliases: [],
  help: `Shows the last ${SHOWN} entries of the session, or as many as you say: /history [n]`,
  run: ({ history, print }, args) => {
    const text = args.trim();
    if (!/^\d*$/.test(text)) throw new CommandError('history', `not a number: ${text}`, { args });
    for (const line of renderHistory(history, text === '' ? SHOWN : Number(text))) print(line);
  },
};
