import type { Command } from '../command.ts';

export const modeCommand: Command = {
  name: 'mode',
  aliases: [],
  help: 'Shows the profile, or switches to another: /mode [profile]',
  run: async (context, args) => {
    const id = args.trim();
    if (id !== '') await context.switchProfile(id);
    const profile = context.getCurrentProfile();
    const { label, description } = profile;
    context.print([profile.id, label, description].filter((part) => part !== '').join(' — '));
  },
};
