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
const SECRETS: ReadonlySet<string> = new Set<SwarmConfigKey>([
  'llmApiKey',
  'gitToken',
  'runpodApiKey',
  'modalTokenId',
  'modalTokenSecret',
]);
const SECRET_NAMES = new Set(SETTINGS.filter(({ key }) => SECRETS.has(key)).map(({ env }) => env));

export interface RestoreOptions {
  /** The configuration as the journal holds it, secrets as `***`. */
  readonly journaled: Readonly<Record<string, unknown>>;
  readonly runId: string;
  /** What a person typed for this resume. */
  readonly flags: SettingFlags;
  /** Today's sources and configuration, for secrets and this machine's programs and ports only. */
  readonly sources: readonly SettingSource[];
  readonly current: SwarmConfig;
}

/**
 * The configuration of a run being resumed: as journaled at its start, so that a landed change can alter
 * nothing, plus today's secrets, today's programs of this machine, and what was typed just now.
 */
export function restoreConfig(options: RestoreOptions): SwarmConfig {
  const { journaled, runId, flags, sources, current } = options;
  // A journal may have come along with a repository: what runs or listens on this machine is said anew.
  const { gatewayUrl: _url, gatewayPort: _port, pythonPath: _python, ...kept } = journaled;
  const { gatewayUrl, gatewayPort, pythonPath } = current;
  const entries = {
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== HIDDEN)),
    ...{ gatewayPort, pythonPath },
    ...(gatewayUrl === undefined ? {} : { gatewayUrl }),
  };
  const endpoints = restoreEndpoints(kept['llmEndpoints'], current);
  return resolveConfig(
    keepFirstEndpointChoice([
      ...sourcesOfFlags(flags),
      ...sources.map(onlySecrets),
      {
        origin: `journal of ${runId}`,
        kind: 'values',
        entries: endpoints === undefined ? entries : { ...entries, llmEndpoints: endpoints },
      },
    ]),
  );
}

function onlySecrets(source: SettingSource): SettingSource {
  const names: ReadonlySet<string> = source.kind === 'text' ? SECRET_NAMES : SECRETS;
  const entries = Object.fromEntries(Object.entries(source.entries).filter(([name]) => names.has(name)));
  return { ...source, entries };
}

function restoreEndpoints(journaled: unknown, current: SwarmConfig): unknown[] | undefined {
  if (!Array.isArray(journaled)) return undefined;
  // Of several servers, none may get the key of another.
  const soleKey = journaled.length === 1 ? current.llmApiKey : undefined;
  return journaled.map((endpoint: Readonly<Record<string, unknown>>) => {
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
