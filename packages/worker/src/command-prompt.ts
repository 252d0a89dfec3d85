import type { AgentRun } from './agent-driver.ts';

/**
 * The one text an agent that is a program of its own is given: instructions, how it hands in without the tools
 * they speak of, and the task.
 */
export function buildCommandPrompt(
  run: Pick<AgentRun, 'systemPrompt' | 'prompt'>,
  handoffFile: string,
): string {
  return [
    run.systemPrompt,
    '',
    '# Your tools',
    '',
    'The tools you have are those of your own program, not the ones named above. There is no tool submit_handoff:',
    `before you end, write the object described above as JSON to the file ${handoffFile}`,
    '(its path is in the variable AGENTSWARM_HANDOFF_FILE, too). When you end with success and that file does not',
    'exist, your work counts as complete. Ask nothing: nobody answers. You need not commit.',
    '',
    run.prompt,
    '',
  ].join('\n');
}
