import type { ManifestError } from '../errors.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import type { UnreadableParts } from '../workflow/find-dag-problems.ts';
import type { KnownIds } from './check-references.ts';
import type { Fields } from './fields.ts';
import { MANIFEST_NAMES, type ManifestName } from './manifest-names.ts';
import { parseAgent, type ParsedAgent } from './parse-agents.ts';
import { DEFAULT_ARTIFACTS, parseArtifacts } from './parse-artifacts.ts';
import { DEFAULT_CLI_PROFILE, parseCliProfile } from './parse-cli-profiles.ts';
import { parseCredential } from './parse-credentials.ts';
import { parseDeployment } from './parse-deployment.ts';
import { parseSuite } from './parse-evaluations.ts';
import { parseList } from './parse-list.ts';
import { DEFAULT_MEMORY, parseMemory, type MemoryAbilities } from './parse-memory.ts';
import { DEFAULT_METRICS, parseMetricsProfile } from './parse-metrics.ts';
import { parsePlugin } from './parse-plugins.ts';
import { parsePolicySet } from './parse-policies.ts';
import { parseProvider } from './parse-providers.ts';
import { DEFAULT_SCHEDULER, parseScheduler } from './parse-scheduler.ts';
import { parseTool } from './parse-tools.ts';
import { parseWorkflow } from './parse-workflow.ts';
import type { ConfigDirectory } from './read-directory.ts';
import { readRoot } from './read-root.ts';
import { reportOf } from './report-of.ts';

/** What the engine that will run the manifests can do. */
export interface LoadOptions {
  /** Tool roots must lie inside; the parent of the configuration directory when not given. */
  readonly workspaceRoot?: string;
  /** Memory backends besides `in_memory`, `file` and `sqlite`. */
  readonly memoryBackends?: readonly string[];
  /** Retrieval policies besides `recency`. */
  readonly retrievalPolicies?: readonly string[];
  /** Whether there are plugins besides those in `plugins.yaml`. */
  readonly hasOtherPlugins?: boolean;
}

/** What the files say, as far as it could be read. */
export interface ParsedFiles {
  readonly manifests: Omit<ManifestSet, 'config_dir' | 'schemas' | 'file_hashes'>;
  readonly known: KnownIds;
  /** `null` when `workflow.yaml` as a whole could not be read. */
  readonly unreadable: UnreadableParts | null;
  readonly errors: readonly ManifestError[];
  readonly warnings: readonly string[];
}

const REQUIRED: ReadonlySet<ManifestName> = new Set(['workflow.yaml', 'agents.yaml', 'tools.yaml']);

type Roots = Readonly<Record<ManifestName, Fields | null>>;

/** Reads every manifest, each with a report of its own, in an order in which each finds what it builds on. */
export function parseFiles(
  { files }: ConfigDirectory,
  options: LoadOptions & { readonly workspaceRoot: string },
): ParsedFiles {
  const reports = new Map(MANIFEST_NAMES.map((name) => [name, reportOf(name)]));
  const roots = Object.fromEntries(
    MANIFEST_NAMES.map((name) => [
      name,
      readRoot(files.get(name), reports.get(name) ?? reportOf(name), { required: REQUIRED.has(name) }),
    ]),
  ) as Roots;
  const agents = parseList<ParsedAgent>(roots['agents.yaml'], {
    key: 'agents',
    required: true,
    parse: parseAgent,
    idOf: ({ definition }) => definition.id,
  });
  const declarations = parseDeclarations(roots);
  const tools = parseList(roots['tools.yaml'], {
    key: 'tools',
    required: true,
    parse: (fields) => parseTool(fields, options.workspaceRoot),
    idOf: (tool) => tool.tool_id,
  });
  const settings = parseSettings(roots, abilitiesOf(options, declarations));
  const defaults = new Map(agents.map(({ definition, nodeDefaults }) => [definition.id, nodeDefaults]));
  const parsed = closing(roots['workflow.yaml'], (root) => parseWorkflow(root, defaults));
  return {
    manifests: {
      workflow: parsed?.workflow ?? { nodes: [], edges: [] },
      agents: agents.map(({ definition }) => definition),
      tools,
      ...declarations,
      ...settings,
    },
    known: {
      agents: idsUnless(roots['agents.yaml'] === null, [...defaults.keys()]),
      tools: idsUnless(
        roots['tools.yaml'] === null,
        tools.map((tool) => tool.tool_id),
      ),
      profiles: idsUnless(
        files.has('memory.yaml') && roots['memory.yaml'] === null,
        settings.memory.context_profiles.map(({ id }) => id),
      ),
      credentials: idsUnless(
        files.has('provider_credentials.yaml') && roots['provider_credentials.yaml'] === null,
        declarations.credentials.map(({ id }) => id),
      ),
      nodes: idsUnless(parsed === null, parsed?.workflow.nodes.map(({ id }) => id) ?? []),
    },
    unreadable: parsed?.unreadable ?? null,
    errors: [...reports.values()].flatMap((report) => report.errors),
    warnings: [...reports.values()].flatMap((report) => report.warnings),
  };
}

function idsUnless(unreadable: boolean, ids: readonly string[]): ReadonlySet<string> | null {
  return unreadable ? null : new Set(ids);
}

/** Reads one mapping and warns of what nobody asked for. */
function closing<T>(root: Fields | null, parse: (root: Fields) => T): T | null {
  if (root === null) return null;
  const parsed = parse(root);
  root.close();
  return parsed;
}

function parseDeclarations(roots: Roots) {
  const idOf = ({ id }: { readonly id: string }) => id;
  const nameOf = ({ name }: { readonly name: string }) => name;
  const list = <T>(
    file: ManifestName,
    key: string,
    how: { readonly parse: (fields: Fields) => T; readonly idOf: (item: T) => string },
  ) => parseList(roots[file], { key, ...how });
  const credentials = list('provider_credentials.yaml', 'provider_credentials', {
    parse: parseCredential,
    idOf,
  });
  const profiles = list('cli_profiles.yaml', 'profiles', { parse: parseCliProfile, idOf });
  const metrics = list('metrics.yaml', 'profiles', { parse: parseMetricsProfile, idOf: nameOf });
  return {
    plugins: list('plugins.yaml', 'plugins', { parse: parsePlugin, idOf }),
    suites: list('evaluations.yaml', 'suites', { parse: parseSuite, idOf: nameOf }),
    metrics: roots['metrics.yaml'] === null ? [DEFAULT_METRICS] : metrics,
    policies: list('policy.yaml', 'policies', { parse: parsePolicySet, idOf: nameOf }),
    credentials,
    providers: list('providers.yaml', 'providers', {
      parse: (fields) => parseProvider(fields, new Set(credentials.map(idOf))),
      idOf,
    }),
    cli_profiles: profiles.length === 0 ? [DEFAULT_CLI_PROFILE] : profiles,
  };
}

function parseSettings(roots: Roots, abilities: MemoryAbilities) {
  return {
    memory: closing(roots['memory.yaml'], (root) => parseMemory(root, abilities)) ?? DEFAULT_MEMORY,
    scheduler: closing(roots['scheduler.yaml'], parseScheduler) ?? DEFAULT_SCHEDULER,
    artifacts: closing(roots['artifacts.yaml'], parseArtifacts) ?? DEFAULT_ARTIFACTS,
    deployment: closing(roots['deployment.yaml'], parseDeployment),
  };
}

/** What plugins bring is known only when they are loaded; until then nothing is called unknown. */
function abilitiesOf(
  { memoryBackends = [], retrievalPolicies = [], hasOtherPlugins = false }: LoadOptions,
  { plugins, providers }: Pick<ManifestSet, 'plugins' | 'providers'>,
): MemoryAbilities {
  if (hasOtherPlugins || plugins.some(({ enabled }) => enabled)) return { backends: 'any', policies: 'any' };
  const declared = providers.filter(({ type, enabled }) => type === 'memory' && enabled).map(({ id }) => id);
  return { backends: new Set([...memoryBackends, ...declared]), policies: new Set(retrievalPolicies) };
}
