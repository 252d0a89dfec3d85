import { Option, type Command } from 'commander';
import type { ChatFlags } from '../actions/chat-with-model.ts';
import type { CompareFlags } from '../actions/compare-cassettes.ts';
import type { ListFlags } from '../actions/list-models.ts';
import type { ProbeFlags } from '../actions/probe-model.ts';
import type { RecordFlags } from '../actions/record-model.ts';
import type { ReplayFlags } from '../actions/replay-cassette.ts';
import type { ServeFlags } from '../actions/serve-model.ts';
import type { CommandDeps } from './command-deps.ts';
import { addSpendOptions, addExamples, addModelOptions } from './options.ts';

export function defineModel(program: Command, deps: CommandDeps): void {
  const model = program
    .command('model')
    .summary('ask, try, record and play models')
    .description('Commands about the configured endpoints and their models, without a run.');
  addExamples(model, [
    ['agentswarm model list', 'what is configured, and does it answer?'],
    ["agentswarm model chat 'What is a monad?'", 'one answer'],
    ['agentswarm model record --out session.jsonl', 'keep what your programs ask'],
  ]);
  for (const define of [
    defineList,
    defineProbe,
    defineChat,
    defineServe,
    defineRecord,
    defineReplay,
    defineDiff,
  ]) {
    define(model, deps);
  }
}

function defineList(model: Command, { context, finish }: CommandDeps): void {
  const command = model
    .command('list')
    .summary('endpoints, whether they answer, and their models')
    .description(
      'Asks every configured endpoint for its models and shows what the catalogue knows of them. Exit code 1 when none answers.',
    )
    .option('--json', 'one JSON object');
  addExamples(addModelOptions(command), [
    ['agentswarm model list', 'every configured endpoint; * marks the model in use'],
    ['agentswarm model list --base-url http://127.0.0.1:8000', 'one that is not configured'],
  ]);
  command.action(async (flags: ListFlags) => {
    const { listModels } = await import('../actions/list-models.ts');
    finish(await listModels(context, flags));
  });
}

function defineProbe(model: Command, { context, finish }: CommandDeps): void {
  const command = model
    .command('probe')
    .summary('try what a model can do at an endpoint')
    .description(
      'Finds out the context window and asks three short questions: does it call tools, keep to a JSON schema, stream? With --write the result goes into a model file, before what is known of that model so far.',
    )
    .argument('[name]', 'name of the endpoint (default: the first one)')
    .option('--write [file]', 'put the result into this model file (default: that of MODEL_CATALOG)')
    .option('--context-window <n>', 'tokens the model can read, where nobody says')
    .option('--json', 'one JSON object');
  addExamples(addSpendOptions(addModelOptions(command)), [
    ['agentswarm model probe', 'the configured model'],
    ['agentswarm model probe local --model qwen3-32b', 'another model of the endpoint "local"'],
    ['agentswarm model probe --write models.json', 'then MODEL_CATALOG=models.json'],
  ]);
  command.action(async (name: string | undefined, flags: ProbeFlags) => {
    const { probeConfiguredModel } = await import('../actions/probe-model.ts');
    finish(await probeConfiguredModel(context, name, flags));
  });
}

function defineChat(model: Command, { context, finish }: CommandDeps): void {
  const command = model
    .command('chat')
    .summary('ask a model, once or in a conversation')
    .description(
      'Prints the answer as it comes. Without a prompt it is a conversation on a terminal, and standard input is the prompt elsewhere. Thoughts are dimmed on a terminal and left out elsewhere.',
    )
    .argument('[prompt]', 'a text, @FILE, or - for standard input')
    .option('--system <prompt>', 'system prompt: a text or @FILE')
    .option('--no-thinking', 'no thinking, where the model can be told')
    .option('--max-tokens <n>', 'most tokens of an answer (default: LLM_MAX_TOKENS)');
  addExamples(addSpendOptions(addModelOptions(command)), [
    ['agentswarm model chat', 'a conversation'],
    ["agentswarm model chat 'Say hello.' --model glm-5", 'one answer'],
    ["git diff | agentswarm model chat --system 'Review this.'", 'about what comes in'],
  ]);
  command.action(async (prompt: string | undefined, flags: ChatFlags) => {
    const { chatWithModel } = await import('../actions/chat-with-model.ts');
    finish(await chatWithModel(context, prompt, flags));
  });
}

function defineServe(model: Command, { context, finish }: CommandDeps): void {
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

function defineRecord(model: Command, { context, finish }: CommandDeps): void {
  const command = model
    .command('record')
    .summary('keep what programs ask and are answered')
    .description(
      'Stands in front of the configured endpoints like `agentswarm gateway` until Ctrl-C, and appends every exchange to a cassette, without secrets.',
    )
    .requiredOption('--out <file>', 'the cassette; made if missing')
    .option('--port <n>', 'port; 0 chooses a free one', '0');
  addExamples(addSpendOptions(addModelOptions(command)), [
    ['agentswarm model record --out session.jsonl', 'then copy the two lines into another terminal'],
  ]);
  command.action(async (flags: RecordFlags) => {
    const { recordModel } = await import('../actions/record-model.ts');
    finish(await recordModel(context, flags));
  });
}

function defineReplay(model: Command, { context, finish }: CommandDeps): void {
  const command = model
    .command('replay')
    .summary('play a cassette as an OpenAI-compatible server')
    .description(
      'Answers requests as they were answered when they were recorded, until Ctrl-C. Exit code 1 when one was not recorded.',
    )
    .argument('<file>', 'the cassette')
    .option('--port <n>', 'port; 0 chooses a free one', '0')
    .addOption(
      new Option(
        '--mode <mode>',
        'lenient: sampling, limits and form do not count; strict: requests are equal, each answers once; record-missing: strict, and the rest is asked of the configured endpoint and appended',
      )
        .choices(['lenient', 'strict', 'record-missing'])
        .default('lenient'),
    )
    .addOption(
      new Option('--timing <kind>', 'recorded: as fast as it was; none: at once')
        .choices(['recorded', 'none'])
        .default('recorded'),
    );
  addExamples(addSpendOptions(addModelOptions(command)), [
    ['agentswarm model replay session.jsonl --port 8000', 'then LLM_BASE_URL=http://127.0.0.1:8000'],
    ['agentswarm model replay session.jsonl --mode strict --timing none', 'for tests'],
  ]);
  command.action(async (file: string, flags: ReplayFlags) => {
    const { replayCassette } = await import('../actions/replay-cassette.ts');
    finish(await replayCassette(context, file, flags));
  });
}

function defineDiff(model: Command, { context, finish }: CommandDeps): void {
  const command = model
    .command('diff')
    .summary('compare two cassettes')
    .description(
      'Lists requests only one of them has, and answers that differ. Exit code 0 when there are none, 1 when there are.',
    )
    .argument('<a>', 'a cassette')
    .argument('<b>', 'another one')
    .option('--json', 'one JSON object');
  addExamples(command, [
    ['agentswarm model diff before.jsonl after.jsonl', 'did another model answer alike?'],
  ]);
  command.action(async (a: string, b: string, flags: CompareFlags) => {
    const { compareCassettes } = await import('../actions/compare-cassettes.ts');
    finish(await compareCassettes(context, { a, b }, flags));
  });
}
