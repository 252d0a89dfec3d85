import type { Command } from 'commander';
import type { ServeFlags } from '../actions/serve-model.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples } from './options.ts';

export function defineModel(program: Command, { context, finish }: CommandDeps): void {
  const model = program
    .command('model')
    .summary('model servers')
    .description('Commands about model servers.');
  const serve = model
    .command('serve')
    .summary('play authored answers as an OpenAI-compatible server')
    .description(
      'Serves /v1/models and /v1/chat/completions from a directory of authored answers until Ctrl-C.',
    )
    .requiredOption('--script <dir>', 'directory of the answers')
    .option('--port <n>', 'port; 0 chooses a free one', '0')
    .option('--host <address>', 'address to listen on', '127.0.0.1');
  addExamples(serve, [
    ['agentswarm model serve --script ./answers --port 8000', 'then LLM_BASE_URL=http://127.0.0.1:8000'],
  ]);
  serve.action(async (flags: ServeFlags) => {
    const { serveModel } = await import('../actions/serve-model.ts');
    finish(await serveModel(context, flags));
  });
}
