import type { Command, CommandContext } from '../command.ts';
import { readWorkspaceFile } from '../read-workspace-file.ts';

const PAGE_LINES = 20;

export const openCommand: Command = {
  name: 'open',
  aliases: [],
  help: `Shows a file of the workspace, ${PAGE_LINES} lines at a time: /open <path>`,
  run: async (context, args) => {
    const { text } = await readWorkspaceFile(context, 'open', args);
    const lines = text.replace(/\n$/, '').split('\n');
    const width = String(lines.length).length;
    for (let at = 0; at < lines.length; at += PAGE_LINES) {
      lines
        .slice(at, at + PAGE_LINES)
        .forEach((line, index) => context.print(`${String(at + index + 1).padStart(width)}  ${line}`));
      if (at + PAGE_LINES < lines.length && !(await wantsMore(context))) return;
    }
  },
};

async function wantsMore(context: CommandContext): Promise<boolean> {
  const answer = await context.ask('-- more (enter: next, q: stop) -- ');
  return answer !== undefined && answer.trim().toLowerCase() !== 'q';
}
