import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRedactor } from '@agentswarm/core';
import type { AgentDriver, AgentModel, AgentOutcome, AgentRun } from './agent-driver.ts';
import { gatherOutput, type AgentOutput } from './agent-output.ts';
import { runAgentProcess, type AgentExit } from './agent-process.ts';
import { buildCommandPrompt } from './command-prompt.ts';
import { WorkerError } from './errors.ts';
import { readReport } from './read-report.ts';

const MAX_TAIL_CHARS = 2_000;
const MAX_SUMMARY_LINES = 20;

export interface CommandDriverOptions {
  /** Program and arguments; no shell. `{prompt_file}`, `{handoff_file}`, `{model}` and `{base_url}` in arguments are replaced. */
  readonly command: readonly [string, ...string[]];
  /** A writable directory for the prompt and the report. */
  readonly stateDir: string;
}

interface Files {
  readonly prompt: string;
  readonly handoff: string;
}

/**
 * Drives any command-line agent: one process for the whole task, in the work directory, with the prompt on standard
 * input and in a file, and the gateway in its environment. Exit code 0 ends the task; any other is a failure.
 */
export function createCommandDriver({ command, stateDir }: CommandDriverOptions): AgentDriver {
  return {
    async run(run) {
      const folder = await mkdtemp(join(stateDir, 'command-'));
      const files = { prompt: join(folder, 'prompt.md'), handoff: join(folder, 'handoff.json') };
      const prompt = buildCommandPrompt(run, files.handoff);
      await writeFile(files.prompt, prompt, { mode: 0o600 });
      run.onEvent({ type: 'user_message', text: prompt });
      await run.beforeCommand();
      const redact = createRedactor([run.model.apiKey]);
      const output = gatherOutput({
        redact,
        onText: (text) => run.onEvent({ type: 'output_printed', text }),
      });
      const exit = await runUntilEnd(run, output, { files, prompt, command });
      return await conclude(run, exit, { output, files, redact, program: command[0] });
    },
  };
}

async function runUntilEnd(
  run: AgentRun,
  output: AgentOutput,
  start: {
    readonly files: Files;
    readonly prompt: string;
    readonly command: CommandDriverOptions['command'];
  },
): Promise<AgentExit> {
  const [program, ...args] = start.command;
  using _told = output;
  return await runAgentProcess({
    command: [program, ...args.map((text) => fillIn(text, run.model, start.files))],
    cwd: run.workdir,
    env: { ...run.env, ...agentVariables(run.model, start.files) },
    stdin: start.prompt,
    onOutput: (stream, bytes) => output.add(stream, bytes),
    signal: run.signal,
  });
}

function fillIn(text: string, model: AgentModel, files: Files): string {
  const values: Readonly<Record<string, string>> = {
    '{prompt_file}': files.prompt,
    '{handoff_file}': files.handoff,
    '{model}': model.name,
    '{base_url}': model.baseUrl,
  };
  return text.replaceAll(/\{\w+\}/g, (place) => values[place] ?? place);
}

/** The names under which agents look for an OpenAI-compatible endpoint. */
function agentVariables(model: AgentModel, files: Files): Record<string, string> {
  const key = model.apiKey.reveal();
  return {
    AGENTSWARM_PROMPT_FILE: files.prompt,
    AGENTSWARM_HANDOFF_FILE: files.handoff,
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_BASE: model.baseUrl,
    OPENAI_API_KEY: key,
    OPENAI_MODEL: model.name,
    LLM_BASE_URL: model.baseUrl,
    LLM_API_KEY: key,
    LLM_MODEL: model.name,
  };
}

interface Ended {
  readonly output: AgentOutput;
  readonly files: Files;
  readonly redact: (text: string) => string;
  readonly program: string;
}

async function conclude(run: AgentRun, exit: AgentExit, ended: Ended): Promise<AgentOutcome> {
  if (run.signal.aborted) return { status: 'aborted' };
  if (exit.kind !== 'exited' || exit.exitCode !== 0) throw failureOf(exit, ended, run);
  const found = await readReport(ended.files.handoff);
  const summary = summaryOf(ended);
  if (found.kind === 'none') {
    run.submitHandoff({ status: 'complete', summary });
    return { status: 'ended' };
  }
  const problem = found.kind === 'text' ? submitText(run, ended.redact(found.text)) : found.problem;
  if (problem !== undefined) {
    const concern = `The agent's report could not be used, so what it says is not known: ${problem}`;
    run.submitHandoff({ status: 'partial', summary, concerns: [concern.slice(0, MAX_TAIL_CHARS)] });
  }
  return { status: 'ended' };
}

/** Gives what is wrong with the report, or nothing once it is accepted. */
function submitText(run: AgentRun, text: string): string | undefined {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch (error) {
    return `it is not JSON: ${String(error)}`;
  }
  const verdict = run.submitHandoff(report);
  return verdict.accepted ? undefined : verdict.message;
}

function failureOf(exit: AgentExit, { output, program }: Ended, run: AgentRun): WorkerError {
  if (exit.kind === 'not_started') {
    const why = exit.error.code === 'ENOENT' ? 'there is no such program' : exit.error.message;
    return new WorkerError(
      'WORKER_AGENT_UNAVAILABLE',
      `the agent "${program}" cannot be started: ${why}. A sandbox shows the programs on the PATH agentswarm is ` +
        `started with, and the repository; PATH inside is ${run.env['PATH'] ?? 'empty'}`,
      { cause: exit.error },
    );
  }
  const how = exit.kind === 'exited' ? `exited with ${exit.exitCode}` : `was ended by ${exit.signalName}`;
  const tail = output.tail().join('\n').trim().slice(-MAX_TAIL_CHARS);
  return new WorkerError(
    'WORKER_AGENT_FAILED',
    `the agent "${program}" ${how}${tail === '' ? ', and printed nothing' : `: ${tail}`}`,
  );
}

/** The last paragraph on standard output: where agents say what they did. */
function summaryOf({ output, program }: Ended): string {
  const paragraph =
    output
      .tail('stdout')
      .join('\n')
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const text = paragraph.split('\n').slice(-MAX_SUMMARY_LINES).join('\n').slice(-MAX_TAIL_CHARS).trim();
  return text === '' ? `Work of ${program}, which said nothing about it` : text;
}
