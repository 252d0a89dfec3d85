import { z } from 'zod';
import { GraphError, listed } from './graph-error.ts';
import { createTaskGraph, type TaskGraph } from './task-graph.ts';

const JsonNodeSchema = z.looseObject({
  id: z.string().min(1),
  dependsOn: z.array(z.string()).exactOptional(),
});
const JsonGraphSchema = z.strictObject({ nodes: z.array(JsonNodeSchema) });

/** A node read from JSON, with whatever other fields it has. */
export type JsonTaskNode = z.infer<typeof JsonNodeSchema>;

/**
 * Reads `{"nodes": [{"id": "…", "dependsOn": ["…"]}, …]}`; nodes may have any other fields.
 *
 * @throws {GraphError} GRAPH_JSON_INVALID for text that is not JSON or has another form, naming each
 * bad field; GRAPH_INVALID as {@link createTaskGraph}.
 */
export function taskGraphFromJson(text: string): TaskGraph<JsonTaskNode> {
  const parsed = JsonGraphSchema.safeParse(parseJson(text));
  if (parsed.success) return createTaskGraph(parsed.data.nodes);
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.map(String).join('.') || 'top level'}: ${issue.message}`,
  );
  throw new GraphError('GRAPH_JSON_INVALID', `task graph has the wrong form:\n  ${listed(problems)}`, {
    details: { problems },
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GraphError('GRAPH_JSON_INVALID', 'task graph is not JSON', { cause });
  }
}
