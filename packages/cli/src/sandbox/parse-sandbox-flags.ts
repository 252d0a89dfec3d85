import { Secret, type NetworkPolicy, type SandboxLimits } from '@agentswarm/core';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import type { SandboxRunFlags } from './sandbox-flags.ts';

const POLICIES = ['none', 'gateway', 'registries', 'open'] as const;

/** A policy by its name, else the hosts of a list separated by commas. */
export function parseNetwork(text: string): NetworkPolicy {
  const named = POLICIES.find((policy) => policy === text);
  if (named !== undefined) return named;
  const allow = text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  // A misspelt policy must not pass for a host.
  if (allow.length > 0 && allow.every((host) => /[.:]/.test(host) || host === 'localhost')) return { allow };
  throw new CliError(
    'CLI_USAGE',
    `--network must be ${POLICIES.join(', ')}, or hosts separated by commas, not "${text}"`,
  );
}

export function parseLimits(flags: SandboxRunFlags): SandboxLimits {
  const limits = {
    memoryMb: positive('--memory', flags.memory, 'whole'),
    cpuCores: positive('--cpus', flags.cpus, 'any'),
    cpuSeconds: positive('--cpu-time', flags.cpuTime, 'any'),
    diskMb: positive('--disk', flags.disk, 'whole'),
    processes: positive('--processes', flags.processes, 'whole'),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** In milliseconds. */
export function parseTimeout(flags: SandboxRunFlags): number | undefined {
  const seconds = positive('--timeout', flags.timeout, 'any');
  return seconds === undefined ? undefined : seconds * 1000;
}

function positive(flag: string, text: string | undefined, kind: 'whole' | 'any'): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0 && (kind === 'any' || Number.isInteger(value))) return value;
  const form = kind === 'whole' ? 'a whole number of at least 1' : 'a number above 0';
  throw new CliError('CLI_USAGE', `${flag} must be ${form}, not "${text}"`);
}

export function parseVariables(assignments: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const split = assignment.indexOf('=');
      if (split > 0) return [assignment.slice(0, split), assignment.slice(split + 1)];
      throw new CliError('CLI_USAGE', `--env must be NAME=VALUE, not "${assignment}"`);
    }),
  );
}

/** Values come from the environment: what is typed would be seen by every process of the machine. */
export function readSecrets(
  { env }: Pick<CliContext, 'env'>,
  names: readonly string[] = [],
): Readonly<Record<string, Secret>> {
  return Object.fromEntries(
    names.map((name) => {
      const value = env[name];
      if (value !== undefined && value !== '') return [name, new Secret(value)];
      // A value typed by mistake must not be repeated.
      const named = /^\w+$/.test(name)
        ? `${name} is not set`
        : 'it takes the name of a variable, not a value';
      throw new CliError('CLI_USAGE', `--secret: ${named}`);
    }),
  );
}
