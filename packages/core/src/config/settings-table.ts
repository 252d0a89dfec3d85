import type { SwarmConfigKey } from './swarm-config.ts';

/** The settings somebody gave, before defaults. */
export type GivenSettings = Partial<Readonly<Record<SwarmConfigKey, unknown>>>;

/** How the text of an environment variable or flag becomes a value. */
export type TextForm = 'text' | 'number' | 'boolean' | 'json' | 'list';

/** One setting: its key in a config file and its environment variable. */
export interface Setting {
  readonly key: SwarmConfigKey;
  readonly env: string;
  readonly form: TextForm;
  /** The accepted form in words, for error messages. */
  readonly accepts: string;
  /** Why a given value cannot be honoured yet; undefined when it can. */
  readonly refusal?: (value: unknown, given: GivenSettings) => string | undefined;
}

type Value = Pick<Setting, 'form' | 'accepts' | 'refusal'>;

const setting = (key: SwarmConfigKey, env: string, value: Value): Setting => ({ key, env, ...value });
const valueOf =
  (form: TextForm) =>
  (accepts: string, refusal?: Setting['refusal']): Value => ({
    form,
    accepts,
    ...(refusal ? { refusal } : {}),
  });
const text = valueOf('text');
const number = valueOf('number');
const boolean = valueOf('boolean');
const json = valueOf('json');
const list = valueOf('list');

const onlyYet = (supported: string, feature: string) => (value: unknown) =>
  value === supported
    ? undefined
    : `${feature} does not exist yet; the only supported value is "${supported}"`;

/** Whoever holds the provider's key spends past every budget. */
function refuseProviderKey(value: unknown, given: GivenSettings): string | undefined {
  if (value !== true) return undefined;
  const budgets = { budgetUsd: 'BUDGET_USD', budgetTokens: 'BUDGET_TOKENS', budgetLimits: 'BUDGET_LIMITS' };
  const names = Object.entries(budgets).flatMap(([key, env]) => (key in given ? [env] : []));
  return names.length === 0
    ? "handing the provider's key to sandboxes does not exist yet"
    : `PASS_PROVIDER_KEY and ${names.join(', ')} exclude each other: a sandbox that holds the provider's key could spend past the budget`;
}

/** Every setting there is. The only table: flags, environment, config files and `.env.example` read it. */
export const SETTINGS: readonly Setting[] = [
  setting('llmBaseUrl', 'LLM_BASE_URL', text('an http(s) URL, with or without a trailing / or /v1')),
  setting('llmApiKey', 'LLM_API_KEY', text('a non-empty text')),
  setting('llmModel', 'LLM_MODEL', text('a model name the endpoint offers')),
  setting(
    'llmEndpoints',
    'LLM_ENDPOINTS',
    json(
      'a JSON list of {name, endpoint, apiKey?, models?, roles?, weight?, tier?, concurrency?, tokensPerMinute?, price?, start?}',
    ),
  ),
  setting('llmMaxTokens', 'LLM_MAX_TOKENS', number('a whole number of at least 1')),
  setting('llmTemperature', 'LLM_TEMPERATURE', number('a number from 0 to 2')),
  setting('llmTimeoutMs', 'LLM_TIMEOUT_MS', number('a whole number of milliseconds, at least 1')),
  setting(
    'models',
    'MODELS',
    json(
      'a JSON object from role (planner, worker, …) to model name or {prefer: [name, …], fallback?: [name, …]}',
    ),
  ),
  setting('modelCatalog', 'MODEL_CATALOG', text('a path')),
  setting('modelNotes', 'MODEL_NOTES', text('a path')),
  setting('gitRepoUrl', 'GIT_REPO_URL', text('a git URL or path; replaces the remote "origin"')),
  setting('gitToken', 'GIT_TOKEN', text('a non-empty text')),
  setting('gitMainBranch', 'GIT_MAIN_BRANCH', text('a branch name')),
  setting('gitBranchPrefix', 'GIT_BRANCH_PREFIX', text('a name followed by "/"')),
  setting('targetRepoPath', 'TARGET_REPO_PATH', text('a path')),
  setting('maxWorkers', 'MAX_WORKERS', number('a whole number from 1 to 1000')),
  setting('workerTimeoutSeconds', 'WORKER_TIMEOUT', number('a whole number of seconds, at least 1')),
  setting('maxAttempts', 'MAX_ATTEMPTS', number('a whole number from 1 to 20')),
  setting('maxPlanningRounds', 'MAX_PLANNING_ROUNDS', number('a whole number of at least 1')),
  setting(
    'mergeStrategy',
    'MERGE_STRATEGY',
    text('merge-commit', onlyYet('merge-commit', 'that merge strategy')),
  ),
  setting('gate', 'GATE', list('a JSON list of commands, or one command')),
  setting('gateNetwork', 'GATE_NETWORK', text('none, registries or open')),
  setting('gateTimeoutSeconds', 'GATE_TIMEOUT', number('a whole number of seconds, at least 1')),
  setting('shared', 'SHARED_PATHS', list('a JSON list of repository paths')),
  setting('allowedPaths', 'ALLOWED_PATHS', list('a JSON list of repository paths')),
  setting('sandboxBackend', 'SANDBOX_BACKEND', text('local, modal or modal-local')),
  setting('isolation', 'ISOLATION', text('auto or none')),
  setting('sandboxCpuCores', 'SANDBOX_CPU_CORES', number('a positive number')),
  setting('sandboxMemoryMb', 'SANDBOX_MEMORY_MB', number('a whole number of at least 128')),
  setting('sandboxIdleTimeoutSeconds', 'SANDBOX_IDLE_TIMEOUT', number('a whole number of seconds')),
  setting(
    'agentCommand',
    'AGENT_COMMAND',
    text('a command line (no shell reads it), or a JSON list of texts'),
  ),
  setting('pythonPath', 'PYTHON_PATH', text('a program name or path')),
  setting('modalTokenId', 'MODAL_TOKEN_ID', text('a non-empty text')),
  setting('modalTokenSecret', 'MODAL_TOKEN_SECRET', text('a non-empty text')),
  setting('modalApp', 'MODAL_APP', text('a name of letters, digits, ".", "_" and "-"')),
  setting('modalImage', 'MODAL_IMAGE', text('an image id (im-…) or the name of a published image')),
  setting('modalEnvironment', 'MODAL_ENVIRONMENT', text('the name of an environment')),
  setting('gatewayUrl', 'GATEWAY_URL', text('an https URL')),
  setting('gatewayPort', 'GATEWAY_PORT', number('a port, from 1 to 65535')),
  setting('budgetUsd', 'BUDGET_USD', number('a positive number')),
  setting('budgetTokens', 'BUDGET_TOKENS', number('a positive whole number')),
  setting(
    'budgetLimits',
    'BUDGET_LIMITS',
    json('a JSON object {task?, attempt?, call?: {usd?, tokens?}, providers?: {name: {usd?, tokens?}}}'),
  ),
  setting('passProviderKey', 'PASS_PROVIDER_KEY', boolean('true or false', refuseProviderKey)),
  setting('runpodEndpointId', 'RUNPOD_ENDPOINT_ID', text('a RunPod endpoint id')),
  setting('runpodApiKey', 'RUNPOD_API_KEY', text('a non-empty text')),
  setting('logLevel', 'LOG_LEVEL', text('debug, info, warn, error or silent')),
];
