import { LlmError } from '../errors.ts';
import type { ModelNotes } from './model-notes.ts';
import { suitableModels, type ModelTask } from './select-model.ts';

const NO_NOTES: ReadonlyMap<string, ModelNotes> = new Map();

/**
 * The models a call may use by name, best first; none when nobody named any.
 *
 * @throws {LlmError} NO_ENDPOINT_FOR_MODEL when the notes rule all of them out, with the reasons.
 */
export function chooseModels(
  task: Omit<ModelTask, 'notes'> & { readonly notes: ModelTask['notes'] | undefined },
): readonly string[] {
  const { models, skipped } = suitableModels({ ...task, notes: task.notes ?? NO_NOTES });
  if (models.length > 0 || skipped.length === 0) return models;
  const reasons = skipped.map(({ model, reason }) => `${model} (${reason})`).join(', ');
  throw new LlmError('NO_ENDPOINT_FOR_MODEL', `the notes leave no model for role ${task.role}: ${reasons}`, {
    details: { role: task.role, skipped: skipped.map((one) => ({ ...one })) },
  });
}
