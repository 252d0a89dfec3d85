import { parseModelFile, type ModelEntry } from '@agentswarm/llm-client';

/**
 * The text of a model file with an entry put first; another one of that very name gives way, all else is kept.
 *
 * @param origin - Names the file in problems.
 * @throws {LlmError} CATALOG_INVALID when the text is no model file, or would be none with the entry.
 */
export function mergeModelEntry(text: string | undefined, entry: ModelEntry, origin: string): string {
  const names = [entry.model].flat();
  const kept = (text === undefined ? [] : parseModelFile(text, origin)).flatMap((other) => {
    const left = [other.model].flat().filter((name) => !names.includes(name));
    if (left.length === 0) return [];
    return [typeof other.model === 'string' ? other : { ...other, model: left }];
  });
  const merged = `${JSON.stringify({ models: [entry, ...kept] }, null, 2)}\n`;
  parseModelFile(merged, origin);
  return merged;
}
