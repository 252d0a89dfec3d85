import { InputError, toSwarmError } from '@agentswarm/core';
import { LlmError } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { CliError } from './errors.ts';
import { exitCodeOfError, exitCodeOfOutcome } from './exit-codes.ts';

it('maps outcomes to the exit codes of the documentation', () => {
  expect((['goal_met', 'not_met', 'paused', 'interrupted'] as const).map(exitCodeOfOutcome)).toEqual([
    0, 1, 3, 130,
  ]);
});

it('maps what waits for money or a model to 3', () => {
  expect(exitCodeOfError(new LlmError('BUDGET_EXHAUSTED', 'x'))).toBe(3);
  expect(exitCodeOfError(new LlmError('MODEL_WAIT', 'x'))).toBe(3);
});

it('maps what a person can correct to 2 and everything else to 1', () => {
  expect(exitCodeOfError(new InputError('CONFIG_INVALID', 'x'))).toBe(2);
  expect(exitCodeOfError(new CliError('CLI_RUN_NOT_FOUND', 'x'))).toBe(2);
  expect(exitCodeOfError(new CliError('CLI_COMMAND_FAILED', 'x'))).toBe(1);
  expect(exitCodeOfError(toSwarmError(new TypeError('x')))).toBe(1);
});

it('maps a budget that is used up to 3', () => {
  expect(exitCodeOfError(new LlmError('BUDGET_EXHAUSTED', 'x'))).toBe(3);
});
