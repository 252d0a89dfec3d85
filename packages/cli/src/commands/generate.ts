import type { Command } from 'commander';
import type { GenerateFlags } from '../actions/generate-file.ts';
import type { CommandDeps } from './command-deps.ts';
import { addSpendOptions, addExamples, addModelOptions, collect } from './options.ts';

export function defineGenerate(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('generate')
    .summary('write one file from a prompt')
    .description(
      'Asks a model for the content of one file and writes it. The file must lie below this directory; one that exists is kept. Prints path, model and tokens.',
    )
    .argument('<out>', 'the file to write')
    .argument('<prompt>', 'what to write: a text, @FILE, or - for standard input')
    .option('--context <file>', 'a file the model shall read; give it again for more', collect)
    .option('--max-context-bytes <n>', 'most bytes of such files together', '65536')
    .option('--max-tokens <n>', 'most tokens of the answer (default: LLM_MAX_TOKENS)')
    .option('--force', 'overwrite the file')
    .option('--json', 'one JSON object');
  addExamples(addSpendOptions(addModelOptions(command)), [
    ["agentswarm generate src/vec3.ts 'A 3D vector class'", 'one file'],
    ["agentswarm generate vec3.test.ts 'Tests for it' --context src/vec3.ts", 'with a file to read'],
    ['agentswarm generate README.md @request.txt --force --json', 'for a program to read'],
  ]);
  command.action(async (out: string, prompt: string, flags: GenerateFlags) => {
    const { generateFile } = await import('../actions/generate-file.ts');
    finish(await generateFile(context, { out, prompt }, flags));
  });
}
