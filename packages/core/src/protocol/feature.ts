import { z } from 'zod';
import { InputError } from '../errors.ts';
import { TaskIdSchema } from '../ids.ts';
import { ScopePathSchema } from '../scope/repo-path.ts';

export const FeatureStatusSchema = z.enum(['planned', 'in_progress', 'landed', 'failed']);

/** One entry of FEATURES.json. */
export const FeatureSchema = z.strictObject({
  id: TaskIdSchema,
  category: z.string().min(1),
  /** 1 is most urgent. */
  priority: z.int().min(1).max(10),
  description: z.string().min(1),
  files: z.array(ScopePathSchema).min(1),
  acceptance: z.array(z.string().min(1)).min(1),
  /** Derived from the journal; workers may not edit it. */
  status: FeatureStatusSchema,
  dependsOn: z.array(TaskIdSchema).default([]),
  /** Command that proves the feature; shown to the planner, which makes it part of a task's acceptance. */
  verify: z.string().min(1).optional(),
});
export type Feature = z.infer<typeof FeatureSchema>;

/** FEATURES.json as a whole. */
export const FeatureListSchema = z.strictObject({ features: z.array(FeatureSchema).min(1) });
export type FeatureList = z.infer<typeof FeatureListSchema>;

/**
 * Reads the text of FEATURES.json.
 *
 * @throws {InputError} FEATURES_INVALID naming every bad entry and field, duplicate ids and unknown
 * dependencies.
 */
export function parseFeatureList(text: string): FeatureList {
  const raw = parseJson(text);
  const parsed = FeatureListSchema.safeParse(raw);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map((issue) => describeIssue(raw, issue.path, issue.message)));
  }
  const problems = findReferenceProblems(parsed.data.features);
  if (problems.length > 0) throw invalid(problems);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError('FEATURES_INVALID', `FEATURES.json is not JSON: ${String(cause)}`, { cause });
  }
}

function invalid(problems: readonly string[]): InputError {
  return new InputError('FEATURES_INVALID', `FEATURES.json is invalid:\n  ${problems.join('\n  ')}`, {
    details: { problems },
  });
}

function describeIssue(raw: unknown, path: readonly PropertyKey[], message: string): string {
  const [list, index, ...field] = path;
  if (list !== 'features' || typeof index !== 'number') return `${path.join('.') || 'top level'}: ${message}`;
  const entry: unknown = (raw as { features: unknown[] }).features[index];
  const id =
    typeof entry === 'object' && entry !== null && 'id' in entry ? ` (id ${JSON.stringify(entry.id)})` : '';
  return `features[${index}]${id}${field.length > 0 ? `, field ${field.map(String).join('.')}` : ''}: ${message}`;
}

function findReferenceProblems(features: readonly Feature[]): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  features.forEach((feature, index) => {
    if (seen.has(feature.id)) problems.push(`features[${index}], field id: duplicate id "${feature.id}"`);
    seen.add(feature.id);
  });
  features.forEach((feature, index) => {
    for (const dependency of feature.dependsOn) {
      if (!seen.has(dependency)) {
        problems.push(
          `features[${index}] (id "${feature.id}"), field dependsOn: unknown feature "${dependency}"`,
        );
      }
    }
  });
  return problems;
}
