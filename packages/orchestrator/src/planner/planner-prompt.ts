import type { Evidence, Feature, RunState, TaskOutcome, TaskState } from '@agentswarm/core';
import { describeTaskStatus } from './task-status.ts';

/** The repository as the planner sees it. */
export interface RepositoryView {
  readonly spec: string;
  readonly features: readonly Feature[];
  /** Paths on main. */
  readonly files: readonly string[];
  /** Subjects of the newest commits, newest first. */
  readonly recentCommits: readonly string[];
}

export interface PlannerPromptInput {
  readonly state: RunState;
  readonly round: number;
  readonly maxRounds: number;
  readonly maxAttempts: number;
  readonly shared: readonly string[];
  readonly forbidden: readonly string[];
  readonly repository: RepositoryView;
}

const MAX_SPEC_CHARACTERS = 40_000;
const MAX_FILES = 400;
const MAX_EVIDENCE_CHARACTERS = 1_500;

/** The user message of one planning round; holds everything the planner knows. */
export function buildPlannerPrompt(input: PlannerPromptInput): string {
  const { state, repository } = input;
  return [
    `Round: ${input.round}`,
    `Rounds allowed: ${input.maxRounds}`,
    section('Scratchpad', state.planning.scratchpad || '(empty)'),
    section('Tasks', list([...state.tasks.values()].map((task) => taskLine(task, input)))),
    section('News', list(newsLines(state))),
    section('Gate on main', gateLine(state.mainFailure)),
    section('Shared paths', list(input.shared.map((path) => `- ${path}`))),
    section('Forbidden paths', list(input.forbidden.map((path) => `- ${path}`))),
    section('Specification', cut(repository.spec, MAX_SPEC_CHARACTERS)),
    section('Features', JSON.stringify(featureView(repository.features), undefined, 1)),
    section('Files', list(fileLines(repository.files))),
    section('Recent commits', list(repository.recentCommits.map((subject) => `- ${subject}`))),
  ].join('\n');
}

function section(title: string, body: string): string {
  return `\n## ${title}\n\n${body}`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '(none)' : lines.join('\n');
}

function taskLine(task: TaskState, { state, maxAttempts }: PlannerPromptInput): string {
  const { status, detail } = describeTaskStatus(task, state, maxAttempts);
  return `- ${task.task.id} | ${status} | ${detail}`;
}

function gateLine(failure: RunState['mainFailure']): string {
  if (failure === undefined) return 'passes';
  const how = failure.problem ?? `exit code ${failure.exitCode}`;
  return `fails: ${failure.command} (${how})\n${indent(cutHead(failure.outputTail, MAX_EVIDENCE_CHARACTERS))}`;
}

/** What happened since the planner last listened. */
function newsLines(state: RunState): string[] {
  return state.outcomes
    .filter((outcome) => outcome.seq > state.planning.heardSeq)
    .map((outcome) => newsLine(outcome, state));
}

function newsLine(outcome: TaskOutcome, state: RunState): string {
  const head = `* ${outcome.taskId}: ${outcome.kind.replace('_', ' ')}`;
  if (outcome.kind === 'landed') return head;
  const task = state.tasks.get(outcome.taskId);
  if (outcome.kind === 'given_up' || outcome.kind === 'cancelled') return `${head}: ${task?.reason ?? ''}`;
  const evidence = task?.attempts
    .map((id) => state.attempts.get(id)?.evidence)
    .findLast((found) => found?.outcome === outcome.kind);
  return evidence === undefined ? head : `${head}: ${describeEvidence(evidence)}`;
}

function describeEvidence(evidence: Evidence): string {
  const files = evidence.files.length > 0 ? ` Files: ${evidence.files.join(', ')}.` : '';
  const output =
    evidence.outputTail === undefined
      ? ''
      : `\n${indent(cutHead(evidence.outputTail, MAX_EVIDENCE_CHARACTERS))}`;
  return `attempt ${evidence.attempt}, ${evidence.reason}.${files}${output}`;
}

function featureView(features: readonly Feature[]) {
  return features.map(({ status: _status, ...feature }) => feature);
}

function fileLines(files: readonly string[]): string[] {
  const shown = files.slice(0, MAX_FILES).map((path) => `- ${path}`);
  return files.length > MAX_FILES ? [...shown, `(${files.length - MAX_FILES} more)`] : shown;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

function cut(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters
    ? text
    : `${text.slice(0, maxCharacters)}\n(${text.length - maxCharacters} characters cut)`;
}

/** Keeps the end of a text, where failures are reported. */
function cutHead(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters
    ? text
    : `(${text.length - maxCharacters} characters cut)\n${text.slice(-maxCharacters)}`;
}
