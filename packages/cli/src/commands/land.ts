import type { Command } from 'commander';
import type { LandFlags, RepositoryFlags } from '../land/land-flags.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addOutputOptions, backendOption, collect } from './options.ts';

export function defineLand(program: Command, { context, finish }: CommandDeps): void {
  const command = addRepositoryOptions(program.command('land'))
    .summary('land branches on a target branch without turning it red')
    .description(
      'Merges branches in the object database, runs the gate on exactly the merged tree, and moves the target by compare-and-swap. A red batch is taken apart until the culprit is known; the others land.',
    )
    .argument('[branch...]', 'branches to land, in this order')
    .option('--gate <command>', 'command that must pass on the merged tree; give it again for more', collect)
    .option('--gate-network <policy>', 'what the gate may reach: none, registries or open', 'registries')
    .option('--strategy <kind>', 'merge-commit, rebase or fast-forward', 'merge-commit')
    .option('--batch <n>', 'most branches gated together')
    .option('--slots <n>', 'gate runs at once')
    .addOption(backendOption())
    .option(
      '--isolation <kind>',
      'auto: refuse to run the gate without OS isolation; none: run it without',
      'auto',
    )
    .option('--no-resolvers', 'leave every conflict to its author')
    .option('--dry-run', 'merge only: tell what would land, change nothing');
  addExamples(addOutputOptions(command), [
    ["agentswarm land --branches 'worker/*' --gate 'npm test'", 'everything the workers made'],
    ['agentswarm land --remote origin feature/a feature/b --gate make', 'two branches of a remote'],
    ['agentswarm land fix --dry-run', 'would it merge?'],
    ['agentswarm land --json -- -odd-name', 'a branch whose name looks like an option'],
  ]).addHelpText('after', '\nExit codes: 0 all landed, 1 some did not, 2 usage, 130 interrupted.');
  command.action(async (names: readonly string[], flags: LandFlags) => {
    const { landBranches } = await import('../actions/land-branches.ts');
    finish(await landBranches(context, names, flags));
  });
  defineCheck(command, { context, finish });
  defineMatrix(command, { context, finish });
}

/** Which branches of which repository. */
function addRepositoryOptions(command: Command): Command {
  return command
    .option('--repo <dir>', 'the repository (default: this directory)')
    .option('--target <branch>', 'branch to land on (default: main)')
    .option(
      '--remote <name>',
      'name or URL of a remote: its branches, its target (default: those of the repository)',
    )
    .option('--branches <pattern>', "branches, for example 'worker/*'; give it again for more", collect);
}

function defineCheck(land: Command, { context, finish }: CommandDeps): void {
  const command = land
    .command('check')
    .summary('tell what a branch conflicts with')
    .description(
      'Compares a branch with the target and with every branch in flight (those of --branches, else all). Changes nothing.',
    )
    .argument('<branch>', 'the branch');
  addRepositoryOptions(command).option('--json', 'one JSON object');
  addExamples(command, [
    ["agentswarm land check worker/a --branches 'worker/*'", 'whom does it meet, and where?'],
  ]);
  command.action(async (name: string, _flags: RepositoryFlags, self: Command) => {
    const { checkBranch } = await import('../actions/show-radar.ts');
    finish(await checkBranch(context, name, self.optsWithGlobals()));
  });
}

function defineMatrix(land: Command, { context, finish }: CommandDeps): void {
  const command = land
    .command('matrix')
    .summary('list the pairs of branches that conflict')
    .description(
      'Compares every branch in flight (those of --branches, else all) with every other. Changes nothing.',
    );
  addRepositoryOptions(command).option('--json', 'one JSON object');
  addExamples(command, [["agentswarm land matrix --branches 'worker/*' --json", 'for a program to read']]);
  command.action(async (_flags: RepositoryFlags, self: Command) => {
    const { showMatrix } = await import('../actions/show-radar.ts');
    finish(await showMatrix(context, self.optsWithGlobals()));
  });
}
