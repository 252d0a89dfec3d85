import {
  resolveConfig,
  SETTINGS,
  type SettingSource,
  type SwarmConfig,
  type SwarmConfigKey,
} from '@agentswarm/core';
import { sourcesOfFlags, type SettingFlags } from './flags.ts';
import { keepFirstEndpointChoice } from './endpoint-choice.ts';

const HIDDEN = '***';
/** Secrets, which no journal holds, and programs of this machine, which a journal must not choose. */
const TODAYS: ReadonlySet<SwarmConfigKey> = new Set([
  'llmApiKey',
  'gitToken',
  'runpodApiKey',
  'modalTokenId',
  'modalTokenSecret',
  'pythonPath',
]);
const TODAYS_NAMES = new Set(SETTINGS.filter(({ key }) => TODAYS.has(key)).map(({ env }) => env));

export interface RestoreOptions {
  /** The configuration as the journal holds it, secrets as `***`. */
  readonly journaled: Readonly<Record<string, unknown>>;
  readonly runId: string;
  /** What a person typed for this resume. */
  readonly flags: SettingFlags;
  /** Today's sources and configuration, for secrets and programs only. */
  readonly sources: readonly SettingSource[];
  readonly current: SwarmConfig;
}

/**
 * The configuration of a run being resumed: as journaled at its start, so that a landed change can alter
 * nothing, plus today's secrets, today's programs of this machine, and what was typed just now.
 */
export function restoreConfig(options: RestoreOptions): SwarmConfig {
  const { journaled, runId, flags, sources, current } = options;
  const { pythonPath: _pythonPath, ...kept } = journaled;
  const entries = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== HIDDEN));
  const endpoints = restoreEndpoints(entries['llmEndpoints'], current);
  return resolveConfig(
    keepFirstEndpointChoice([
      ...sourcesOfFlags(flags),
      ...sources.map(onlyTodays),
      {
        origin: `journal of ${runId}`,
        kind: 'values',
        entries: endpoints === undefined ? entries : { ...entries, llmEndpoints: endpoints },
      },
    ]),
  );
}

function onlyTodays(source: SettingSource): SettingSource {
  const names: ReadonlySet<string> = source.kind === 'text' ? TODAYS_NAMES : TODAYS;
  const entries = Object.fromEntries(Object.entries(source.entries).filter(([name]) => names.has(name)));
  return { ...source, entries };
}

function restoreEndpoints(journaled: unknown, current: SwarmConfig): unknown[] | undefined {
  if (!Array.isArray(journaled)) return undefined;
  // Of several servers, none may get the key of another.
  const soleKey = journaled.length === 1 ? current.llmApiKey : undefined;
  return journaled.map((endpoint: Readonly<Record<string, unknown>>) => {
    // A journal may have come along with a repository: what runs on this machine is said anew.
    const { apiKey: hidden, start: _start, ...rest } = endpoint;
    const today = current.llmEndpoints?.find((other) => other.name === rest['name']);
    const apiKey = hidden === undefined ? undefined : (today?.apiKey ?? soleKey);
    return {
      ...rest,
      ...(today?.start === undefined ? {} : { start: today.start }),
      ...(apiKey === undefined ? {} : { apiKey }),
    };
  });
}
