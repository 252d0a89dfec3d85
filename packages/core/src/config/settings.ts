import type { z } from 'zod';
import { InputError } from '../errors.ts';
import { SETTINGS, type GivenSettings, type Setting, type TextForm } from './settings-table.ts';
import { SwarmConfigSchema, type SwarmConfig, type SwarmConfigKey } from './swarm-config.ts';

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
  }
  refuseUnsupported(sources, values);
  if (problems.length > 0) {
    throw new InputError('CONFIG_INVALID', `configuration is invalid:\n  ${problems.join('\n  ')}`, {
      details: { problems },
    });
  }
  return SwarmConfigSchema.parse(values);
}

function refuseUnsupported(sources: readonly SettingSource[], values: GivenSettings): void {
  for (const entry of SETTINGS.filter(({ key }) => key in values)) {
    const refusal = entry.refusal?.(values[entry.key], values);
    if (refusal === undefined) continue;
    const label = firstValue(sources, entry)?.label ?? entry.env;
    throw new InputError('CONFIG_UNSUPPORTED', `${label}: ${refusal}`, { details: { setting: entry.env } });
  }
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
  if (form === 'boolean') return { true: true, false: false }[text.trim()] ?? text;
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
