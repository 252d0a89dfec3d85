import { InputError, type SettingSource } from '@agentswarm/core';

/** Settings that each say where the model is; one of them must decide. */
const CHOICES = [
  { key: 'llmBaseUrl', env: 'LLM_BASE_URL' },
  { key: 'llmEndpoints', env: 'LLM_ENDPOINTS' },
  { key: 'runpodEndpointId', env: 'RUNPOD_ENDPOINT_ID' },
] as const;

/**
 * Lets the most important source that names an endpoint decide: the other two ways of naming one are
 * removed from less important sources, so that `--base-url` overrides a file's `llmEndpoints`.
 *
 * @throws {InputError} CONFIG_INVALID when one source names an endpoint in two ways.
 */
export function keepFirstEndpointChoice(sources: readonly SettingSource[]): SettingSource[] {
  const choosing = sources.findIndex((source) => choicesIn(source).length > 0);
  const source = sources[choosing];
  if (source === undefined) return [...sources];
  const [chosen, ...others] = choicesIn(source);
  if (others.length > 0) {
    const names = [chosen, ...others].map((choice) => nameIn(source, choice)).join(' and ');
    throw new InputError('CONFIG_INVALID', `${source.origin}: ${names} are both set; give only one of them`);
  }
  const dropped = CHOICES.filter((choice) => choice !== chosen);
  return sources.map((other, index) => (index > choosing ? without(other, dropped) : other));
}

type Choice = (typeof CHOICES)[number] | undefined;

function nameIn(source: SettingSource, choice: Choice): string {
  return (source.kind === 'text' ? choice?.env : choice?.key) ?? '';
}

function choicesIn(source: SettingSource): Choice[] {
  return CHOICES.filter((choice) => {
    const value = source.entries[nameIn(source, choice)];
    return value !== undefined && value !== '';
  });
}

function without(source: SettingSource, dropped: readonly Choice[]): SettingSource {
  const names = new Set(dropped.map((choice) => nameIn(source, choice)));
  const entries = Object.fromEntries(Object.entries(source.entries).filter(([name]) => !names.has(name)));
  return { ...source, entries };
}
