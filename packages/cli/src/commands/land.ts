import type { Command } from 'commander';
import type { LandFlags } from '../land/land-flags.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addOutputOptions, collect } from './options.ts';

export function defineLand(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('land')
    .summary('land branches on a target branch without turning it red')
    .description(
      'Merges branches in the object database, runs the gate on exactly the merged tree, and moves the target by compare-and-swap. A red batch is taken apart until the culprit is known; the others land.',
    )
    .argument('[branch...]', 'branches to land, in this order')
    .option('--repo <dir>', 'the repository (default: this directory)')
    .option('--target <branch>', 'branch to land on', 'main')
    .option(
      '--remote <name>',
      'name or URL: land its branches on its target; default: those of the repository',
    )
    .option(
      '--branches <pattern>',
      "branches to land, for example 'worker/*'; give it again for more",
      collect,
    )
    .option('--gate <command>', 'command that must pass on the merged tree; give it again for more', collect)
    .option('--gate-network <policy>', 'what the gate may reach: none, registries or open', 'registries')
    .option('--strategy <kind>', 'merge-commit, rebase or fast-forward', 'merge-commit')
    .option('--batch <n>', 'most branches gated together')
    .option('--slots <n>', 'gate runs at once')
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
}
