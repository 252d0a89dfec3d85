import { openTaskArchive } from '@agentswarm/dag-engine/engine';
import { print, printJson, type CliContext } from '../context.ts';
import { setUpEngine } from '../engine/engine-setup.ts';
import { formatTask, formatTaskList } from '../engine/format-tasks.ts';
import { readLineage, readTasks } from '../engine/read-tasks.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { selectPaint } from '../view/paint.ts';

export interface InspectFlags {
  readonly project: string;
  readonly json?: boolean;
}

/** `agentswarm engine inspect DIR [TASK]`: tasks that were run, or one of them in full. */
export async function inspectEngine(
  context: CliContext,
  { dir, taskId }: { readonly dir: string; readonly taskId: string | undefined },
  flags: InspectFlags,
): Promise<ExitCode> {
  await using setup = await setUpEngine(context, dir);
  const { configDir, options } = setup;
  const archive = openTaskArchive(configDir, { env: options.env });
  const paint = selectPaint(context.stdout, context.env);
  const { inspector } = archive;
  if (taskId === undefined) {
    const { tasks, damaged } = await readTasks(archive, flags.project);
    const summaries = tasks.map((task) => inspector.getTaskSummary(task.task_id));
    if (flags.json === true) printJson(context, { tasks: summaries, unreadable: [...damaged.keys()] });
    else if (tasks.length + damaged.size === 0) print(context, 'no task was run yet');
    else print(context, formatTaskList(tasks, damaged, paint));
    return EXIT_CODES.goalMet;
  }
  const task = await readLineage(archive, { projectId: flags.project, taskId });
  const lineage = inspector.getLineage(taskId);
  if (flags.json === true) {
    const [summary, history] = [inspector.getTaskSummary(taskId), inspector.getTaskHistory(taskId)];
    printJson(context, { summary, history, lineage, task });
  } else print(context, formatTask(task, lineage, paint));
  return EXIT_CODES.goalMet;
}
