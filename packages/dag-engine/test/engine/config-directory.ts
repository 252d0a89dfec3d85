import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

/** Data is written as YAML (as JSON under `*.json`), text and bytes as they are; `null` leaves a file out. */
export type FileContent = object | string | Uint8Array | null;

/** A configuration directory of a test; it and its workspace are removed on disposal. */
export interface TestConfigDirectory extends AsyncDisposable {
  /** The parent of `path`. */
  readonly workspace: string;
  readonly path: string;
  write(name: string, content: FileContent): Promise<void>;
}

/** `start → main → exit`, all deterministic. */
export const LINEAR_WORKFLOW = workflow(
  [node('start', 'start', { default_start: true }), node('main', 'linear'), node('exit', 'exit')],
  ['start>main', 'main>exit'],
);

/** What every directory needs: a linear workflow, one agent, one tool. */
export const MINIMAL_FILES = {
  'workflow.yaml': LINEAR_WORKFLOW,
  'agents.yaml': { agents: [{ id: 'writer', kind: 'agent', llm: 'scripted/model-1' }] },
  'tools.yaml': {
    tools: [
      {
        id: 'read_file',
        type: 'deterministic',
        entrypoint: 'agent_engine.tools.filesystem:read_file',
        permissions: { allow_network: false, allow_shell: false, root: false },
      },
    ],
  },
} as const satisfies Readonly<Record<string, FileContent>>;

/**
 * Writes a configuration directory into a fresh temporary workspace: the minimal files, with those given in their
 * place or beside them.
 */
export async function createConfigDirectory(
  files: Readonly<Record<string, FileContent>> = {},
): Promise<TestConfigDirectory> {
  const workspace = await mkdtemp(join(tmpdir(), 'agent-engine-'));
  const path = join(workspace, 'config');
  await mkdir(path);
  const write = async (name: string, content: FileContent): Promise<void> => {
    if (content === null) return;
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), bytesOf(name, content));
  };
  for (const [name, content] of Object.entries({ ...MINIMAL_FILES, ...files })) await write(name, content);
  return {
    workspace,
    path,
    write,
    [Symbol.asyncDispose]: () => rm(workspace, { recursive: true, force: true }),
  };
}

/** A node as a manifest declares it: deterministic, without context, unless `more` says otherwise. */
export function node(id: string, role: string, more: object = {}) {
  return { id, kind: 'deterministic', role, context: 'none', ...more };
}

/** A `workflow.yaml`; edges are written `from>to` or `from>to:label`. */
export function workflow(nodes: readonly object[], edges: readonly string[]) {
  return { nodes, edges: edges.map(edge) };
}

export function edge(text: string) {
  const [, from = '', to = '', label] = /^([^>]*)>([^:]*)(?::(.*))?$/.exec(text) ?? [];
  return { from, to, ...(label === undefined ? {} : { label }) };
}

function bytesOf(name: string, content: object | string | Uint8Array): string | Uint8Array {
  if (typeof content === 'string' || content instanceof Uint8Array) return content;
  return name.endsWith('.json')
    ? JSON.stringify(content)
    : stringify(content, { aliasDuplicateObjects: false });
}
