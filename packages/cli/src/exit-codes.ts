import type { RunOutcome, SwarmError } from '@agentswarm/core';

/** Exit codes of every `agentswarm` command. */
export const EXIT_CODES = {
  goalMet: 0,
  notMet: 1,
  usage: 2,
  paused: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const BY_OUTCOME: Readonly<Record<RunOutcome, ExitCode>> = {
  goal_met: EXIT_CODES.goalMet,
  not_met: EXIT_CODES.notMet,
  paused: EXIT_CODES.paused,
  interrupted: EXIT_CODES.interrupted,
};

/** The exit code of a run that ended with `outcome`. */
export function exitCodeOfOutcome(outcome: RunOutcome): ExitCode {
  return BY_OUTCOME[outcome];
}

const WAITING: readonly string[] = ['BUDGET_EXHAUSTED', 'MODEL_WAIT'];

/** Whether only a person can end a failure, by money or by starting a model. */
export function isWaiting({ code }: Pick<SwarmError, 'code'>): boolean {
  return WAITING.includes(code);
}

/** The exit code of a command that failed: 3 when it waits for a person, 2 when the input can be corrected, else 1. */
export function exitCodeOfError(error: SwarmError): ExitCode {
  if (isWaiting(error)) return EXIT_CODES.paused;
  const { kind } = error.traits;
  return kind === 'user' || kind === 'config' ? EXIT_CODES.usage : EXIT_CODES.notMet;
}
