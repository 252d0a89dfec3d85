import type { ModelNotes } from './model-notes.ts';

/** Models to use for a role, best first. */
export interface ModelPreference {
  readonly prefer: readonly string[];
  readonly fallback?: readonly string[];
}

export interface KnownModel {
  readonly model: string;
  /** `unknown`: nobody could say; it is not used. */
  readonly status: 'running' | 'stopped' | 'unknown';
}

export type SkipReason = 'avoided' | 'prompt_too_long' | 'json_too_long' | 'not_running' | 'not_known';

export interface SkippedModel {
  readonly model: string;
  readonly reason: SkipReason;
}

/** What a model is wanted for. */
export interface ModelTask {
  /** Role or kind of task, as notes name it. */
  readonly role: string;
  readonly preference: ModelPreference;
  /** By model. */
  readonly notes: ReadonlyMap<string, ModelNotes>;
  readonly promptTokens?: number;
  readonly wantsJson?: boolean;
  readonly expectedOutputTokens?: number;
}

export interface ModelRequirements extends ModelTask {
  readonly known: readonly KnownModel[];
  /** A stopped model may be started. */
  readonly autoStart: boolean;
}

/** Which model to use: one, the one to wait for until somebody starts it, or none. */
export type ModelSelection =
  | {
      readonly kind: 'selected';
      readonly model: string;
      /** It is none of the preferred ones. */
      readonly fallback: boolean;
      /** It must be started first. */
      readonly start: boolean;
      readonly skipped: readonly SkippedModel[];
    }
  | { readonly kind: 'wait'; readonly model: string; readonly skipped: readonly SkippedModel[] }
  | {
      readonly kind: 'none';
      readonly candidates: readonly string[];
      readonly skipped: readonly SkippedModel[];
    };

/**
 * Chooses the first model that suits and runs, preferred ones before fallbacks. A note `prefer` moves a model to
 * the front of its list. Where only stopped models suit, the first is started or waited for.
 */
export function selectModel(requirements: ModelRequirements): ModelSelection {
  const { preference, known, autoStart } = requirements;
  const preferred = new Set(preference.prefer);
  const candidates = rankModels(requirements);
  const statuses = new Map(known.map(({ model, status }) => [model, status]));
  const skipped: SkippedModel[] = [];
  let stopped: string | undefined;
  for (const model of candidates) {
    const status = statuses.get(model) ?? 'unknown';
    const reason = unsuitability(model, requirements) ?? (status === 'unknown' ? 'not_known' : undefined);
    if (reason !== undefined) skipped.push({ model, reason });
    else if (status === 'running' || autoStart) {
      return {
        kind: 'selected',
        model,
        fallback: !preferred.has(model),
        start: status !== 'running',
        skipped,
      };
    } else {
      if (stopped === undefined) stopped = model;
      skipped.push({ model, reason: 'not_running' });
    }
  }
  if (stopped !== undefined) return { kind: 'wait', model: stopped, skipped };
  return { kind: 'none', candidates, skipped };
}

/** The models of a task in the order in which they are tried, suitable or not. */
function rankModels(task: ModelTask): readonly string[] {
  const { prefer, fallback = [] } = task.preference;
  return [...new Set([...ranked(prefer, task), ...ranked(fallback, task)])];
}

/** The models that suit a task, best first, and why the others do not. */
export function suitableModels(task: ModelTask): {
  readonly models: readonly string[];
  readonly skipped: readonly SkippedModel[];
} {
  const judged = rankModels(task).map((model) => ({ model, reason: unsuitability(model, task) }));
  return {
    models: judged.filter(({ reason }) => reason === undefined).map(({ model }) => model),
    skipped: judged.flatMap(({ model, reason }) => (reason === undefined ? [] : [{ model, reason }])),
  };
}

function ranked(models: readonly string[], { role, notes }: ModelTask): readonly string[] {
  const isNoted = (model: string) => notes.get(model)?.prefer.includes(role) === true;
  return [...models.filter(isNoted), ...models.filter((model) => !isNoted(model))];
}

const NO_NOTES: ModelNotes = { avoid: [], prefer: [] };

function unsuitability(model: string, requirements: ModelTask): SkipReason | undefined {
  const { role, promptTokens, wantsJson, expectedOutputTokens } = requirements;
  const { avoid, maxContextTokens, maxJsonTokens } = requirements.notes.get(model) ?? NO_NOTES;
  if (avoid.includes('*') || avoid.includes(role)) return 'avoided';
  if (exceeds(promptTokens, maxContextTokens)) return 'prompt_too_long';
  if (wantsJson === true && exceeds(expectedOutputTokens, maxJsonTokens)) return 'json_too_long';
  return undefined;
}

function exceeds(tokens: number | undefined, bound: number | undefined): boolean {
  return tokens !== undefined && bound !== undefined && tokens > bound;
}
