import { CommandError, type CommandContext } from '@agentswarm/dag-engine/engine';

/** `/create <title>` */
export async function createDocument(context: CommandContext, args: string): Promise<void> {
  await context.runEngine({ action: 'create', title: given(args, 'create', 'a title'), user_input: '' });
}

/** `/edit <path>`: asks what to change. */
export async function editDocument(context: CommandContext, args: string): Promise<void> {
  const path = given(args, 'edit', 'a path');
  await context.runEngine({
    action: 'edit',
    path,
    user_input: (await context.ask('What is to change? ')) ?? '',
  });
}

/** `/summary <path>` */
export async function summarizeDocument(context: CommandContext, args: string): Promise<void> {
  const path = given(args, 'summary', 'a path');
  await context.runEngine({ action: 'edit', path, summary_only: true, user_input: '' });
}

function given(args: string, command: string, what: string): string {
  const text = args.trim();
  if (text === '') throw new CommandError(command, `name ${what}`);
  return text;
}
