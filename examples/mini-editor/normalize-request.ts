import type { DeterministicOp, JsonObject, JsonValue } from '@agentswarm/dag-engine/engine';

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Turns whatever a person said into an action; objects that name theirs pass through. */
export const normalizeRequest: DeterministicOp = ({ current_output: request }) => {
  if (isObject(request) && 'action' in request) return { output: request };
  const said = isObject(request) ? (request['input'] ?? '') : request;
  const text = typeof said === 'string' ? said : JSON.stringify(said);
  const attached = isObject(request) ? request['attached_files'] : undefined;
  return {
    output: {
      action: /\b(edit|update|modify)/i.test(text) ? 'edit' : 'create',
      title: words(text).find((word) => /\w\.\w+$/.test(word)) ?? '',
      user_input: text,
      attached_files: attached ?? [],
    },
  };
};

/** What is between white space, without the punctuation behind it: `notes.md:` names `notes.md`. */
function words(text: string): string[] {
  return text.split(/\s+/).map((word) => word.replace(/[^\w]+$/, ''));
}
