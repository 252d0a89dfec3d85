import type { Command } from 'commander';
import type { ListAttemptsFlags } from '../actions/list-attempts.ts';
import type { RestoreAttemptFlags } from '../actions/restore-attempt.ts';
import type { ShowAttemptFlags } from '../actions/show-attempt.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addTargetOption } from './options.ts';

export function defineAttempts(program: Command, { context, finish }: CommandDeps): void {
  const attempts = program
    .command('attempts')
    .summary('what attempts did, also those that failed or were killed')
    .description(
      'Lists the attempts of a run, shows what is kept of one, and gives it back as a branch or a folder. Works while the run is live and afterwards.',
    );
  addExamples(attempts, [
    ['agentswarm attempts list', 'how they went, and what is kept of each'],
    ['agentswarm attempts show vec3.1', 'its commits, files and snapshots'],
    ['agentswarm attempts show vec3.1 --diff > a.patch', 'what it changed'],
    ['agentswarm attempts restore vec3.1 --branch rescued', 'its work as a branch of the repository'],
    ['agentswarm attempts restore vec3.1 --snapshot 3 --to ../look', 'an earlier state as a folder'],
  ]);
  addCommon(attempts.command('list'), 'list the attempts of a run')
    .option('--task <id>', 'only those of this task')
    .action(async (flags: ListAttemptsFlags) => {
      const { listAttempts } = await import('../actions/list-attempts.ts');
      finish(await listAttempts(context, flags));
    });
  addSnapshot(addCommon(attempts.command('show'), 'show an attempt and what is kept of it'))
    .option('--diff', 'what it changed, as a patch')
    .action(async (attempt: string, flags: ShowAttemptFlags) => {
      const { showAttempt } = await import('../actions/show-attempt.ts');
      finish(await showAttempt(context, attempt, flags));
    });
  addSnapshot(addCommon(attempts.command('restore'), 'give back what an attempt did; overwrites nothing'))
    .option('--branch <name>', 'as a new branch of the repository')
    .option('--to <dir>', 'as the files of a new folder')
    .action(async (attempt: string, flags: RestoreAttemptFlags) => {
      const { restoreAttempt } = await import('../actions/restore-attempt.ts');
      finish(await restoreAttempt(context, attempt, flags));
    });
}

function addCommon(command: Command, summary: string): Command {
  const described = command
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
  return addTargetOption(described)
    .option('--run <id>', 'run id (default: the newest run)')
    .option('--json', 'as one JSON object');
}

function addSnapshot(command: Command): Command {
  return command
    .argument('<attempt>', 'attempt, as in `vec3.1`')
    .option('--snapshot <n>', 'its work as it was then (default: as it was last)');
}
