import type { JsonObject, JsonValue, LlmClient } from '@agentswarm/dag-engine/engine';
import { documentPath } from './document-name.ts';

/** What the engine asks an agent, as far as this script reads it. */
interface Question {
  readonly agent_stage: string;
  readonly input: JsonValue;
}

/**
 * Plays the editor's agent from rules, so that the example runs without a model. It decides nothing the
 * rules below do not say; a real model takes its place by another client.
 */
export const scriptedEditor: LlmClient = {
  generate: async ({ prompt }) => {
    const { agent_stage, input } = JSON.parse(prompt) as Question;
    return JSON.stringify(answer(agent_stage, asObject(input)));
  },
};

function answer(stage: string, input: JsonObject): JsonObject {
  switch (stage) {
    case 'decide_operation':
      return { ...input, route: input['action'] === 'edit' ? 'edit' : 'create' };
    case 'draft_document':
      return draft(input);
    case 'edit_document':
      return edit(input);
    default:
      return summarize(input);
  }
}

function draft(request: JsonObject): JsonObject {
  const title = textAt(request, 'title') || textAt(request, 'user_input') || 'Document';
  const path = documentPath(title);
  const content = [`# ${title}`, '', textAt(request, 'user_input'), ''].join('\n');
  return withPlan({ action: 'create', title, path }, [
    { tool_id: 'write_file', inputs: { path, content }, reason: 'a new document', kind: 'write' },
  ]);
}

function edit(request: JsonObject): JsonObject {
  const path = textAt(request, 'path') || documentPath(textAt(request, 'title'));
  const result = { action: 'edit', title: path.split('/').at(-1) ?? path, path };
  const read = { tool_id: 'read_file', inputs: { path }, reason: 'what it says now', kind: 'read' };
  const change = textAt(request, 'user_input');
  if (request['summary_only'] === true || change === '') return withPlan(result, [read]);
  const content = `# ${result.title}\n\n${change}\n`;
  const write = { tool_id: 'write_file', inputs: { path, content }, reason: change, kind: 'write' };
  return withPlan(result, [read, write]);
}

/** The one document that arrived, read again; the engine adds its first lines as `summary`. */
function summarize(merged: JsonObject): JsonObject {
  const [first] = (merged['merge_inputs'] as readonly JsonValue[] | undefined) ?? [];
  const document = asObject(asObject(first ?? null)['output'] ?? null);
  const calls = (document['tool_calls'] as readonly JsonValue[] | undefined) ?? [];
  const last = asObject(asObject(calls.at(-1) ?? null)['output'] ?? null);
  const path = textAt(last, 'path') || textAt(document, 'path');
  const text = textAt(last, 'content');
  const about = {
    action: document['action'] ?? 'create',
    title: textAt(document, 'title'),
    path,
    length: text.length,
    sections: [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading),
    tone: 'neutral',
  };
  const read = { tool_id: 'read_file', inputs: { path }, reason: 'to sum it up', kind: 'read' };
  return withPlan(about, [read]);
}

function withPlan(main_result: JsonObject, steps: readonly JsonObject[]): JsonObject {
  return { main_result, tool_plan: { steps } };
}

function asObject(value: JsonValue): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}
