import { Option, type Command } from 'commander';
import type { SandboxFlags, SandboxRunFlags } from '../sandbox/sandbox-flags.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, backendOption, collect } from './options.ts';

export function defineSandbox(program: Command, deps: CommandDeps): void {
  const sandbox = program
    .command('sandbox')
    .summary('run commands where they can do no harm')
    .description(
      'Makes, lists, opens and ends the sandboxes that workers and gates run in: a checkout of its own, its own HOME and temporary folder, no network unless you name one, bounded memory, disk, processes and time.',
    );
  addExamples(sandbox, [
    ['agentswarm sandbox run -- npm test', 'HEAD of this repository, no network'],
    ['agentswarm sandbox list', 'in use, kept, or left by a dead process'],
    ['agentswarm sandbox list --backend modal', 'those on Modal: what still costs?'],
  ]);
  defineRun(sandbox, deps);
  defineList(sandbox, deps);
  defineAttach(sandbox, deps);
  defineReap(sandbox, deps);
}

/** Which sandboxes. */
function addPlaceOptions(command: Command): Command {
  return command
    .option(
      '--repo <dir>',
      'repository whose sandboxes are meant (default: that of this directory, if it is in one)',
    )
    .addOption(backendOption())
    .option('--json', 'one JSON object at the end');
}

function addIsolationOption(command: Command): Command {
  return command.addOption(
    new Option('--isolation <kind>', 'auto: refuse to run without OS isolation; none: run without it')
      .choices(['auto', 'none'])
      .default('auto'),
  );
}

function addCommandOptions(command: Command): Command {
  return command
    .option('-i, --interactive', 'pass standard input on to the command')
    .option('--env <name=value>', 'variable of the command; give it again for more', collect)
    .option('--secret <name>', 'variable whose value is taken from this environment', collect)
    .option('--timeout <seconds>', 'end the command after this long');
}

function defineRun(sandbox: Command, { context, finish }: CommandDeps): void {
  const command = addPlaceOptions(sandbox.command('run'))
    .summary('run a command in a new sandbox')
    .description(
      'Checks the commit out into a new sandbox, runs the command there, and removes the sandbox. Outside a repository the sandbox is empty.',
    )
    .argument('<command...>', 'program and arguments, after --; no shell unless you name one')
    .option('--commit <rev>', 'what to check out (default: HEAD)')
    .option('--empty', 'check nothing out')
    .addOption(
      new Option('--changes', 'HEAD with uncommitted changes; ignored files stay out').conflicts('commit'),
    )
    .option('--upload <dir>', 'copy this folder into the work directory first')
    .option('--download <dir>', 'copy the work directory to this new folder afterwards')
    .option('--dependencies', 'put the dependencies of the lockfile there, read-only')
    .option(
      '--network <policy>',
      'none, gateway, registries, open, or the hosts to admit: example.org,*.example.org,example.net:8443',
      'none',
    )
    .option('--memory <mb>', 'most memory of all its processes together')
    .option('--cpus <n>', 'most cores it keeps busy')
    .option('--cpu-time <seconds>', 'most processor time')
    .option('--disk <mb>', 'most it writes')
    .option('--processes <n>', 'most processes at a time')
    .option('--keep', 'leave the sandbox there; attach and reap find it');
  addExamples(addCommandOptions(addIsolationOption(command)), [
    ['agentswarm sandbox run -- npm test', 'HEAD of this repository, no network'],
    ['agentswarm sandbox run --network registries -- npm ci', 'package registries and nothing else'],
    ['agentswarm sandbox run --changes --download out -- make', 'with uncommitted changes, result kept'],
    ["agentswarm sandbox run --memory 512 --timeout 60 -- sh -c 'node x.js'", 'bounded'],
  ]).addHelpText(
    'after',
    '\nWith --network gateway the command finds the configured endpoints behind the Unix socket AGENTSWARM_GATEWAY_SOCKET, with the key OPENAI_API_KEY:\n  curl --unix-socket "$AGENTSWARM_GATEWAY_SOCKET" -H "Authorization: Bearer $OPENAI_API_KEY" http://gateway/v1/models\n\nExit codes: 0 the command exited with 0, 1 it did not (the last line on stderr says how it ended), 2 usage, 130 interrupted.',
  );
  command.action(async (line: readonly string[], flags: SandboxRunFlags) => {
    const { runInSandbox } = await import('../actions/run-in-sandbox.ts');
    finish(await runInSandbox(context, line, flags));
  });
}

function defineList(sandbox: Command, { context, finish }: CommandDeps): void {
  const command = addPlaceOptions(sandbox.command('list'))
    .summary('list the sandboxes there are')
    .option('--run <id>', 'only those of this run');
  addExamples(command, [['agentswarm sandbox list --json', 'for a program to read']]);
  command.action(async (flags: SandboxFlags) => {
    const { listSandboxes } = await import('../actions/list-sandboxes.ts');
    finish(await listSandboxes(context, flags));
  });
}

function defineAttach(sandbox: Command, { context, finish }: CommandDeps): void {
  const command = addPlaceOptions(sandbox.command('attach'))
    .summary('run a command in a sandbox that exists')
    .description('Runs a command in a sandbox of another process, or in one that was kept; it stays.')
    .argument('<id>', 'the sandbox, as `agentswarm sandbox list` names it')
    .argument('<command...>', 'program and arguments, after --');
  addExamples(addCommandOptions(addIsolationOption(command)), [
    ['agentswarm sandbox attach sbx-0123456789abcdef -- git status', 'what does the agent do there?'],
    ['agentswarm sandbox attach sbx-0123456789abcdef -i -- sh', 'type commands'],
  ]);
  command.action(async (id: string, line: readonly string[], flags: SandboxRunFlags) => {
    const { attachToSandbox } = await import('../actions/attach-sandbox.ts');
    finish(await attachToSandbox(context, { id, line, flags }));
  });
}

function defineReap(sandbox: Command, { context, finish }: CommandDeps): void {
  const command = addPlaceOptions(sandbox.command('reap'))
    .summary('remove the sandboxes of dead processes')
    .description(
      'Ends and removes the sandboxes whose process died, and those that were kept and whose time is over. Sandboxes of living processes stay. What a killed run had finished in its sandboxes is lost with them: `agentswarm resume` takes it up first.',
    )
    .option('--run <id>', 'only those of this run')
    .option('--kept', 'also those that were kept');
  addExamples(command, [['agentswarm sandbox reap --kept', 'leaves only those in use']]);
  command.action(async (flags: SandboxFlags) => {
    const { reapSandboxes } = await import('../actions/reap-sandboxes.ts');
    finish(await reapSandboxes(context, flags));
  });
}
