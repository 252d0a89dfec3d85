/** The manifests the engine reads. */
export const MANIFEST_NAMES = [
  'workflow.yaml',
  'agents.yaml',
  'tools.yaml',
  'memory.yaml',
  'plugins.yaml',
  'evaluations.yaml',
  'metrics.yaml',
  'policy.yaml',
  'scheduler.yaml',
  'provider_credentials.yaml',
  'providers.yaml',
  'artifacts.yaml',
  'deployment.yaml',
  'cli_profiles.yaml',
] as const;

export type ManifestName = (typeof MANIFEST_NAMES)[number];

/** Names that documents mention and the engine does not read, and what to tell who uses them. */
const UNUSED: ReadonlyMap<string, string> = new Map([
  ['policies.yaml', 'not read: the policies are in policy.yaml'],
  ['engine_metadata.yaml', 'not used in v1'],
  ['inspector.yaml', 'not used in v1'],
  ['execution.yaml', 'not used in v1'],
  ['persistent_memory.yaml', 'not used in v1'],
]);

/** Warns of files that somebody might believe to be read. */
export function warnOfUnusedFiles(entries: readonly string[]): readonly string[] {
  return entries.flatMap((name) => {
    const why = UNUSED.get(name) ?? spelling(name);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
}

function spelling(name: string): string | undefined {
  const yaml = name.replace(/\.yml$/, '.yaml');
  return yaml !== name && MANIFEST_NAMES.some((known) => known === yaml)
    ? `not read: it must be called ${yaml}`
    : undefined;
}
