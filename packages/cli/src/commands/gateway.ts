import type { Command } from 'commander';
import type { GatewayFlags } from '../actions/run-gateway.ts';
import type { CommandDeps } from './command-deps.ts';
import { addSpendOptions, addExamples, addModelOptions } from './options.ts';

export function defineGateway(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('gateway')
    .summary('stand between your programs and the configured endpoints')
    .description(
      'Serves OpenAI-compatible completions in front of the configured endpoints until Ctrl-C: with failover, within the budget, and without giving their keys away. Prints the lines that point a program at it.',
    )
    .option('--port <n>', 'port; 0 chooses a free one', '0')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-remote', 'other machines may connect; they need the token, which nothing encrypts')
    .option('--role <role>', 'role whose models and endpoints are used', 'worker')
    .option('--events', 'every call as newline-delimited JSON; what else is printed goes to stderr');
  addExamples(addSpendOptions(addModelOptions(command)), [
    ['agentswarm gateway --port 8080', 'then copy the two lines into another terminal'],
    ['agentswarm gateway --events > calls.ndjson', 'for a program to read'],
    ['agentswarm gateway --budget-usd 2', 'refuses calls beyond two dollars'],
  ]);
  command.action(async (flags: GatewayFlags) => {
    const { runGateway } = await import('../actions/run-gateway.ts');
    finish(await runGateway(context, flags));
  });
}
