import type { z } from 'zod';
import { InputError } from '../errors.ts';
import { SwarmConfigSchema, type SwarmConfig, type SwarmConfigKey } from './swarm-config.ts';

/** How the text of an environment variable or flag becomes a value. */
type TextForm = 'text' | 'number' | 'json' | 'list';

/** One setting: its key in a config file and its environment variable. */
export interface Setting {
  readonly key: SwarmConfigKey;
  readonly env: string;
  readonly form: TextForm;
  /** The accepted form in words, for error messages. */
  readonly accepts: string;
  /** Why a given value cannot be honoured yet; undefined when it can. */
  readonly refusal?: (value: unknown) => string | undefined;
}

const setting = (key: SwarmConfigKey, env: string, rest: Omit<Setting, 'key' | 'env'>): Setting => ({
  key,
  env,
  ...rest,
});

const notYet = (feature: string) => () => `${feature} does not exist yet`;
const onlyYet = (supported: string, feature: string) => (value: unknown) =>
  value === supported
    ? undefined
    : `${feature} does not exist yet; the only supported value is "${supported}"`;

/** Every setting there is. The only table: flags, environment, config files and `.env.example` read it. */
export const SETTINGS: readonly Setting[] = [
  setting('llmBaseUrl', 'LLM_BASE_URL', {
    form: 'text',
    accepts: 'an http(s) URL, with or without a trailing / or /v1',
  }),
  setting('llmApiKey', 'LLM_API_KEY', { form: 'text', accepts: 'a non-empty text' }),
  setting('llmModel', 'LLM_MODEL', { form: 'text', accepts: 'a model name the endpoint offers' }),
  setting('llmEndpoints', 'LLM_ENDPOINTS', {
    form: 'json',
    accepts: 'a JSON list of {name, endpoint, apiKey?, models?}',
    refusal: (value) =>
      Array.isArray(value) && value.length > 1
        ? 'routing over several endpoints does not exist yet; give one'
        : undefined,
  }),
  setting('llmMaxTokens', 'LLM_MAX_TOKENS', { form: 'number', accepts: 'a whole number of at least 1' }),
  setting('llmTemperature', 'LLM_TEMPERATURE', { form: 'number', accepts: 'a number from 0 to 2' }),
  setting('llmTimeoutMs', 'LLM_TIMEOUT_MS', {
    form: 'number',
    accepts: 'a whole number of milliseconds, at least 1',
  }),
  setting('models', 'MODELS', {
    form: 'json',
    accepts: 'a JSON object from role (planner, worker, …) to model name',
  }),
  setting('gitRepoUrl', 'GIT_REPO_URL', {
    form: 'text',
    accepts: 'a git URL or path; replaces the remote "origin"',
  }),
  setting('gitToken', 'GIT_TOKEN', { form: 'text', accepts: 'a non-empty text' }),
  setting('gitMainBranch', 'GIT_MAIN_BRANCH', { form: 'text', accepts: 'a branch name' }),
  setting('gitBranchPrefix', 'GIT_BRANCH_PREFIX', { form: 'text', accepts: 'a name followed by "/"' }),
  setting('targetRepoPath', 'TARGET_REPO_PATH', { form: 'text', accepts: 'a path' }),
  setting('maxWorkers', 'MAX_WORKERS', { form: 'number', accepts: 'a whole number from 1 to 1000' }),
  setting('workerTimeoutSeconds', 'WORKER_TIMEOUT', {
    form: 'number',
    accepts: 'a whole number of seconds, at least 1',
  }),
  setting('maxAttempts', 'MAX_ATTEMPTS', { form: 'number', accepts: 'a whole number from 1 to 20' }),
  setting('maxPlanningRounds', 'MAX_PLANNING_ROUNDS', {
    form: 'number',
    accepts: 'a whole number of at least 1',
  }),
  setting('mergeStrategy', 'MERGE_STRATEGY', {
    form: 'text',
    accepts: 'merge-commit',
    refusal: onlyYet('merge-commit', 'that merge strategy'),
  }),
  setting('gate', 'GATE', { form: 'list', accepts: 'a JSON list of commands, or one command' }),
  setting('gateNetwork', 'GATE_NETWORK', {
    form: 'text',
    accepts: 'none or open',
    refusal: (value) =>
      value === 'registries'
        ? 'a gate network limited to registries does not exist yet; use "none" or "open"'
        : undefined,
  }),
  setting('gateTimeoutSeconds', 'GATE_TIMEOUT', {
    form: 'number',
    accepts: 'a whole number of seconds, at least 1',
  }),
  setting('shared', 'SHARED_PATHS', { form: 'list', accepts: 'a JSON list of repository paths' }),
  setting('allowedPaths', 'ALLOWED_PATHS', { form: 'list', accepts: 'a JSON list of repository paths' }),
  setting('sandboxBackend', 'SANDBOX_BACKEND', {
    form: 'text',
    accepts: 'local',
    refusal: onlyYet('local', 'that sandbox backend'),
  }),
  setting('isolation', 'ISOLATION', { form: 'text', accepts: 'auto or none' }),
  setting('sandboxCpuCores', 'SANDBOX_CPU_CORES', {
    form: 'number',
    accepts: 'a positive number',
    refusal: notYet('a CPU limit'),
  }),
  setting('sandboxMemoryMb', 'SANDBOX_MEMORY_MB', {
    form: 'number',
    accepts: 'a whole number of at least 128',
    refusal: notYet('a memory limit'),
  }),
  setting('sandboxIdleTimeoutSeconds', 'SANDBOX_IDLE_TIMEOUT', {
    form: 'number',
    accepts: 'a whole number of seconds',
    refusal: notYet('an idle timeout'),
  }),
  setting('agentCommand', 'AGENT_COMMAND', {
    form: 'text',
    accepts: 'a command',
    refusal: notYet('a command-line agent driver'),
  }),
  setting('pythonPath', 'PYTHON_PATH', { form: 'text', accepts: 'a program name or path' }),
  setting('budgetUsd', 'BUDGET_USD', {
    form: 'number',
    accepts: 'a positive number',
    refusal: notYet('a budget'),
  }),
  setting('budgetTokens', 'BUDGET_TOKENS', {
    form: 'number',
    accepts: 'a positive whole number',
    refusal: notYet('a budget'),
  }),
  setting('runpodEndpointId', 'RUNPOD_ENDPOINT_ID', { form: 'text', accepts: 'a RunPod endpoint id' }),
  setting('runpodApiKey', 'RUNPOD_API_KEY', { form: 'text', accepts: 'a non-empty text' }),
  setting('logLevel', 'LOG_LEVEL', { form: 'text', accepts: 'debug, info, warn, error or silent' }),
];

/** Values from one place; `origin` names it in messages ("environment", a file's path, "flag"). */
export interface SettingSource {
  readonly origin: string;
  /** `text`: keys are environment variable names, values text. `values`: keys are config keys, values JSON. */
  readonly kind: 'text' | 'values';
  readonly entries: Readonly<Record<string, unknown>>;
}

/**
 * Builds the configuration from sources, most important first. In a `text` source names that are
 * no settings are ignored (an environment holds much else) and an empty text counts as absent.
 *
 * @throws {InputError} CONFIG_INVALID naming each malformed or unknown value and the accepted form;
 * CONFIG_UNSUPPORTED for a setting whose feature does not exist yet.
 */
export function resolveConfig(sources: readonly SettingSource[]): SwarmConfig {
  const problems = sources.flatMap(findUnknownKeys);
  const values: Partial<Record<SwarmConfigKey, unknown>> = {};
  for (const entry of SETTINGS) {
    const found = firstValue(sources, entry);
    if (found === undefined) continue;
    const parsed = parseSetting(entry, found.value);
    if (parsed.ok) values[entry.key] = parsed.value;
    else problems.push(`${found.label}: ${parsed.problem}; accepted: ${entry.accepts}`);
    const refusal = parsed.ok ? entry.refusal?.(parsed.value) : undefined;
    if (refusal !== undefined)
      throw new InputError('CONFIG_UNSUPPORTED', `${found.label}: ${refusal}`, {
        details: { setting: entry.env },
      });
  }
  if (problems.length > 0) {
    throw new InputError('CONFIG_INVALID', `configuration is invalid:\n  ${problems.join('\n  ')}`, {
      details: { problems },
    });
  }
  return SwarmConfigSchema.parse(values);
}

function findUnknownKeys(source: SettingSource): string[] {
  if (source.kind === 'text') return [];
  const known = new Set<string>(SETTINGS.map((entry) => entry.key));
  return Object.keys(source.entries)
    .filter((key) => !known.has(key))
    .map((key) => `${key} (${source.origin}): unknown setting; known: ${[...known].join(', ')}`);
}

function firstValue(
  sources: readonly SettingSource[],
  entry: Setting,
): { value: unknown; label: string } | undefined {
  for (const source of sources) {
    const name = source.kind === 'text' ? entry.env : entry.key;
    const raw = source.entries[name];
    if (raw === undefined || (raw === '' && source.kind === 'text')) continue;
    const value = source.kind === 'text' && typeof raw === 'string' ? readText(entry.form, raw) : raw;
    return { value, label: `${name} (${source.origin})` };
  }
  return undefined;
}

function readText(form: TextForm, text: string): unknown {
  if (form === 'text') return text;
  if (form === 'number') return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  if (form === 'list' && !text.trimStart().startsWith('[')) return [text];
  try {
    return JSON.parse(text);
  } catch (cause) {
    return new InputError('CONFIG_INVALID', 'is not JSON', { cause });
  }
}

function parseSetting(
  entry: Setting,
  value: unknown,
): { ok: true; value: unknown } | { ok: false; problem: string } {
  if (value instanceof InputError) return { ok: false, problem: value.message };
  const schema = SwarmConfigSchema.shape[entry.key] as z.ZodType;
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    problem: parsed.error.issues
      .map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': '))
      .join('; '),
  };
}
