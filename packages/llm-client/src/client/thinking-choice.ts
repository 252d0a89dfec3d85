import type { ModelEntry, ThinkingSwitch } from '../models/model-entry.ts';

/** How a request tells a model to think or not; empty where the model needs or understands no word of it. */
export function selectThinking(entry: ModelEntry | undefined, thinking: boolean | undefined): ThinkingSwitch {
  if (thinking === undefined || entry?.thinking.mode !== 'switchable') return {};
  return (thinking ? entry.thinking.on : entry.thinking.off) ?? {};
}
