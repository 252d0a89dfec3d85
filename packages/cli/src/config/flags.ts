import type { SettingSource } from '@agentswarm/core';

/** Flags of the command line that are settings; text exactly as typed. */
export interface SettingFlags {
  readonly maxWorkers?: string;
  readonly backend?: string;
  readonly isolation?: string;
  readonly gatewayUrl?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly gate?: readonly string[];
  readonly maxAttempts?: string;
  readonly maxPlanningRounds?: string;
  readonly budgetUsd?: string;
  readonly budgetTokens?: string;
  readonly budgetLimits?: string;
}

const TEXT_FLAGS = [
  { name: 'maxWorkers', flag: '--max-workers', env: 'MAX_WORKERS' },
  { name: 'backend', flag: '--backend', env: 'SANDBOX_BACKEND' },
  { name: 'isolation', flag: '--isolation', env: 'ISOLATION' },
  { name: 'gatewayUrl', flag: '--gateway-url', env: 'GATEWAY_URL' },
  { name: 'model', flag: '--model', env: 'LLM_MODEL' },
  { name: 'baseUrl', flag: '--base-url', env: 'LLM_BASE_URL' },
  { name: 'maxAttempts', flag: '--max-attempts', env: 'MAX_ATTEMPTS' },
  { name: 'maxPlanningRounds', flag: '--max-planning-rounds', env: 'MAX_PLANNING_ROUNDS' },
  { name: 'budgetUsd', flag: '--budget-usd', env: 'BUDGET_USD' },
  { name: 'budgetTokens', flag: '--budget-tokens', env: 'BUDGET_TOKENS' },
  { name: 'budgetLimits', flag: '--budget-limits', env: 'BUDGET_LIMITS' },
] as const;

/** One source for each flag given, so that a message about its value names the flag. */
export function sourcesOfFlags(flags: SettingFlags): SettingSource[] {
  const sources: SettingSource[] = TEXT_FLAGS.flatMap(({ name, flag, env }) => {
    const value = flags[name];
    return value === undefined ? [] : [{ origin: `flag ${flag}`, kind: 'text', entries: { [env]: value } }];
  });
  if (flags.gate !== undefined) {
    sources.push({ origin: 'flag --gate', kind: 'values', entries: { gate: flags.gate } });
  }
  return sources;
}
