import { z } from 'zod';
import { BranchNameSchema } from '../ids.ts';
import { ScopePathSchema } from '../scope/repo-path.ts';
import { Secret } from '../secret.ts';
import { NestedLimitsSchema } from './budget-policy.ts';
import { CommandLineSchema } from './command-line.ts';
import { PriceSchema } from './price.ts';

const SecretSchema = z.union([
  z.instanceof(Secret),
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value)),
]) as z.ZodType<Secret, Secret | string>;

/** A setting is journaled and its value becomes an argument of programs, so it must hold no password or token. */
const holdsNoCredential = (url: string) => {
  const userInfo = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\s]*)@/i.exec(url);
  return userInfo === null || (/ssh$/i.test(userInfo[1] ?? '') && !userInfo[2]?.includes(':'));
};
const credentialFree = (setting: string) =>
  [holdsNoCredential, `must not hold a password or token; use ${setting}`] as const;
const EndpointUrlSchema = z.url({ protocol: /^https?$/ }).refine(...credentialFree('LLM_API_KEY'));

/** By TLS only: the token of a sandbox goes there. */
const GatewayUrlSchema = z
  .url({ protocol: /^https$/ })
  .refine(holdsNoCredential, 'must not hold a password or token; every sandbox gets one of its own');

/** A branch that people configure is one they could create; git creates none that looks like an option. */
const isBranchName = (name: string) => !name.startsWith('-') && BranchNameSchema.safeParse(name).success;

export const ModelRoleSchema = z.enum(['planner', 'subplanner', 'worker', 'reconciler', 'judge', 'resolver']);
export type ModelRole = z.infer<typeof ModelRoleSchema>;

/** One OpenAI-compatible server. */
const EndpointConfigSchema = z.strictObject({
  name: z.string().min(1),
  endpoint: EndpointUrlSchema,
  apiKey: SecretSchema.optional(),
  weight: z.number().positive().default(1),
  roles: z.array(ModelRoleSchema).optional(),
  models: z.array(z.string().min(1)).optional(),
  /** A higher tier is used only while the lower ones are saturated, out or out of credit. */
  tier: z.int().min(0).default(0),
  /** Requests at the same time. */
  concurrency: z.int().min(1).optional(),
  tokensPerMinute: z.int().min(1).optional(),
  price: PriceSchema.optional(),
  /** Program and arguments that start this server on this machine. */
  start: z.array(z.string().min(1)).min(1).optional(),
});
export type EndpointConfig = z.infer<typeof EndpointConfigSchema>;

/** Events, prices and budgets name an endpoint by its name, so no two may share one. */
const EndpointListSchema = z
  .array(EndpointConfigSchema)
  .min(1)
  .superRefine((endpoints, context) => {
    endpoints.forEach(({ name }, index) => {
      const first = endpoints.findIndex((other) => other.name === name);
      if (first === index) return;
      const message = `entries ${first + 1} and ${index + 1} are both named "${name}"`;
      context.addIssue({ code: 'custom', message, path: [index, 'name'] });
    });
  });

const ModelNameSchema = z.string().min(1);

/** Models of a role: one, or those to prefer and those to fall back to, each list in order. */
const ModelChoiceSchema = z.union([
  ModelNameSchema,
  z.strictObject({
    prefer: z.array(ModelNameSchema).min(1),
    fallback: z.array(ModelNameSchema).default([]),
  }),
]);
export type ModelChoice = z.infer<typeof ModelChoiceSchema>;

/** Configuration of a run, complete: every default filled in. Read once, journaled, used on resume. */
export const SwarmConfigSchema = z.strictObject({
  llmBaseUrl: EndpointUrlSchema.optional(),
  llmApiKey: SecretSchema.optional(),
  llmModel: z.string().min(1).default('glm-5'),
  llmEndpoints: EndpointListSchema.optional(),
  llmMaxTokens: z.int().min(1).default(8192),
  llmTemperature: z.number().min(0).max(2).default(0.7),
  llmTimeoutMs: z.int().min(1).default(120_000),
  models: z.partialRecord(ModelRoleSchema, ModelChoiceSchema).default({}),
  /** File of the person's own model entries. */
  modelCatalog: z.string().min(1).optional(),
  /** File of notes about models. */
  modelNotes: z.string().min(1).optional(),
  gitRepoUrl: z
    .string()
    .min(1)
    .refine(...credentialFree('GIT_TOKEN'))
    .optional(),
  gitToken: SecretSchema.optional(),
  gitMainBranch: z.string().refine(isBranchName, 'is not a valid branch name').default('main'),
  gitBranchPrefix: z
    .string()
    .regex(/^[^/]+\/$/, 'must be a name followed by "/"')
    .refine((prefix) => isBranchName(`${prefix}x`), 'cannot start a branch name')
    .default('worker/'),
  targetRepoPath: z.string().min(1).default('./target-repo'),
  maxWorkers: z.int().min(1).max(1000).default(4),
  workerTimeoutSeconds: z.int().min(1).default(1800),
  maxAttempts: z.int().min(1).max(20).default(3),
  maxPlanningRounds: z.int().min(1).default(100),
  mergeStrategy: z.enum(['merge-commit', 'rebase', 'fast-forward']).default('merge-commit'),
  /** Absent: the repository's own `typecheck`, `test` and `build` scripts, those that exist. */
  gate: z.array(z.string().min(1)).min(1).optional(),
  gateNetwork: z.enum(['none', 'registries', 'open']).default('registries'),
  gateTimeoutSeconds: z.int().min(1).default(900),
  /** Paths any task may change besides its scope (barrels, manifests); they are not leased. */
  shared: z.array(ScopePathSchema).default([]),
  /** Forbidden paths that workers of this repository may change all the same. */
  allowedPaths: z.array(ScopePathSchema).default([]),
  sandboxBackend: z.enum(['local', 'modal', 'modal-local']).default('local'),
  isolation: z.enum(['auto', 'none']).default('auto'),
  sandboxCpuCores: z.number().positive().optional(),
  sandboxMemoryMb: z.int().min(128).optional(),
  sandboxIdleTimeoutSeconds: z.int().min(1).optional(),
  /** Program and arguments of the agent to use instead of the built-in one. It is journaled: no place for a key. */
  agentCommand: CommandLineSchema.optional(),
  pythonPath: z.string().min(1).default('python3'),
  modalTokenId: SecretSchema.optional(),
  modalTokenSecret: SecretSchema.optional(),
  modalApp: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,63}$/, 'must be a name of letters, digits, ".", "_" and "-"')
    .default('agentswarm'),
  /** What remote sandboxes start from. */
  modalImage: z.string().min(1).optional(),
  modalEnvironment: z.string().min(1).optional(),
  /** Under which sandboxes find the model gateway of this machine. */
  gatewayUrl: GatewayUrlSchema.optional(),
  gatewayPort: z.int().min(1).max(65_535).default(8787),
  budgetUsd: z.number().positive().optional(),
  budgetTokens: z.int().positive().optional(),
  budgetLimits: NestedLimitsSchema.optional(),
  passProviderKey: z.boolean().default(false),
  runpodEndpointId: z.string().min(1).optional(),
  runpodApiKey: SecretSchema.optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
export type SwarmConfig = z.infer<typeof SwarmConfigSchema>;
export type SwarmConfigKey = keyof SwarmConfig;
