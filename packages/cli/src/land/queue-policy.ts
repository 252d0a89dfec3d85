import type { SandboxBackend } from '@agentswarm/core';
import { commands, defaultResolvers, type LandingStrategy, type QueuePolicy } from '@agentswarm/merge-queue';
import type { BackendKind } from '../backends/backend-kinds.ts';
import { CliError } from '../errors.ts';
import type { LandFlags } from './land-flags.ts';

const STRATEGIES = ['merge-commit', 'rebase', 'fast-forward'] as const satisfies readonly LandingStrategy[];
const NETWORKS = ['none', 'registries', 'open'] as const;
const ISOLATIONS = ['auto', 'none'] as const;

/** What the flags ask for, checked. */
export interface LandSettings {
  readonly gates: readonly string[];
  readonly network: (typeof NETWORKS)[number];
  readonly backend: BackendKind;
  readonly isolation: (typeof ISOLATIONS)[number];
  readonly strategy: LandingStrategy;
  readonly maxBatch: number | undefined;
  readonly slots: number | undefined;
  readonly resolvers: boolean;
}

/** @throws {CliError} `CLI_USAGE` naming the flag and what it takes. */
export function parseSettings(flags: LandFlags): LandSettings {
  return {
    gates: flags.gate ?? [],
    network: oneOf('--gate-network', flags.gateNetwork ?? 'registries', NETWORKS),
    backend: flags.backend,
    isolation: oneOf('--isolation', flags.isolation ?? 'auto', ISOLATIONS),
    strategy: oneOf('--strategy', flags.strategy ?? 'merge-commit', STRATEGIES),
    maxBatch: positive('--batch', flags.batch),
    slots: positive('--slots', flags.slots),
    resolvers: flags.resolvers !== false,
  };
}

/** The policy of the queue; `backend` is there when something has to run in a sandbox. */
export function policyOf(
  { gates, network, strategy, maxBatch, slots, resolvers }: LandSettings,
  backend: SandboxBackend | undefined,
  run: string,
): QueuePolicy {
  const lockfiles = backend === undefined ? {} : { lockfiles: { backend, run, network } };
  return {
    strategy,
    ...(maxBatch === undefined ? {} : { maxBatch }),
    ...(slots === undefined ? {} : { slots }),
    ...(resolvers ? { resolvers: defaultResolvers(lockfiles) } : {}),
    ...(backend === undefined || gates.length === 0
      ? {}
      : { gate: commands(gates, { backend, run, network }) }),
  };
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new CliError('CLI_USAGE', `${flag} takes ${allowed.join(', ')}, not ${JSON.stringify(value)}`);
}

function positive(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new CliError('CLI_USAGE', `${flag} takes a whole number from 1, not ${JSON.stringify(value)}`);
}
