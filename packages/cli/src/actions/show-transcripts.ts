import { join, resolve, sep } from 'node:path';
import {
  TranscriptFrameSchema,
  type AttemptState,
  type RunState,
  type TranscriptFrame,
} from '@agentswarm/core';
import { readTextIfExists } from '../config/read-files.ts';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readState } from '../runs/read-run.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { formatDuration } from '../view/format.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface TranscriptFlags {
  readonly task?: string;
  readonly json?: boolean;
}

/** `agentswarm log --transcript`: every model turn, tool call and result of the attempts of a task. */
export async function showTranscripts(
  context: CliContext,
  folder: RunFolder,
  flags: TranscriptFlags,
): Promise<ExitCode> {
  const attempts = selectAttempts(await readState(folder), flags.task);
  let shown = 0;
  for (const attempt of attempts) {
    const text = await readTranscript(folder, attempt);
    if (text === undefined) continue;
    shown += 1;
    const lines = text.split('\n').filter((line) => line !== '');
    if (flags.json === true) print(context, lines);
    else
      print(context, [
        `── ${attempt.id}: ${attempt.status}`,
        ...lines.flatMap((line) => formatLine(line, attempt)),
      ]);
  }
  if (shown === 0) {
    const whose =
      flags.task === undefined ? `run ${folder.runId}` : `task ${flags.task} of run ${folder.runId}`;
    throw new CliError('CLI_TRANSCRIPT_NOT_FOUND', `there is no transcript of ${whose}`);
  }
  return EXIT_CODES.goalMet;
}

function selectAttempts(state: RunState, taskId: string | undefined): AttemptState[] {
  return [...state.attempts.values()].filter((attempt) => taskId === undefined || attempt.taskId === taskId);
}

async function readTranscript(folder: RunFolder, attempt: AttemptState): Promise<string | undefined> {
  const path = resolve(folder.path, attempt.transcript ?? join('transcripts', `${attempt.id}.ndjson`));
  return path.startsWith(folder.path + sep) ? readTextIfExists(path) : undefined;
}

/** One line of a transcript for people; a line that is no entry is shown as it is. */
function formatLine(line: string, attempt: AttemptState): string[] {
  const found = parseLine(line);
  if (found === undefined) return [toTerminalLine(line)];
  const time = formatDuration(found.atMs - attempt.startedAtMs).padStart(7);
  const [first = '', ...rest] = entryLines(found.entry);
  return [`${time}  ${first}`, ...rest.map((text) => `         ${text}`)];
}

/** A transcript file holds the entries of frames, each with its time. */
function parseLine(line: string): Pick<TranscriptFrame, 'atMs' | 'entry'> | undefined {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || !('atMs' in value)) return undefined;
  const { atMs, ...rest } = value;
  const entry = TranscriptFrameSchema.shape.entry.safeParse(rest);
  return typeof atMs === 'number' && entry.success ? { atMs, entry: entry.data } : undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    // The last line of a killed worker may be cut; it is shown as text.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function entryLines(entry: TranscriptFrame['entry']): string[] {
  switch (entry.kind) {
    case 'prompt':
      return withLabel('prompt', entry.text);
    case 'assistant':
      return withLabel(`model${entry.model === undefined ? '' : ` ${entry.model}`}`, entry.text);
    case 'tool_call':
      return withLabel(`call ${entry.tool}`, JSON.stringify(entry.arguments, null, 2));
    case 'tool_result':
      return withLabel(`${entry.isError ? 'error from' : 'result of'} ${entry.tool}`, entry.text);
    case 'output':
      return withLabel('output', entry.text);
  }
}

function withLabel(label: string, text: string): string[] {
  const lines = text.split('\n').map(toTerminalLine);
  return lines.length === 1 ? [`${label}: ${lines[0]}`] : [`${label}:`, ...lines.map((line) => `  ${line}`)];
}
