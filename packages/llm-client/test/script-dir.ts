import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createScriptedModelServer, type ScriptedRequest } from '@agentswarm/llm-client';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

export async function makeTempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'llm-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes files, JSON unless they are text, into a fresh directory. */
export async function writeScript(files: Readonly<Record<string, unknown>>): Promise<TempDir> {
  const dir = await makeTempDir();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir.path, name)), { recursive: true });
    await writeFile(join(dir.path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

export async function serveScript(
  rules: readonly unknown[],
  files: Readonly<Record<string, unknown>> = {},
): Promise<AsyncDisposable & { readonly url: string; readonly requests: readonly ScriptedRequest[] }> {
  const dir = await writeScript({
    'model.json': { model: 'scripted-test' },
    'a.rules.json': { rules },
    ...files,
  });
  const requests: ScriptedRequest[] = [];
  const server = await createScriptedModelServer({
    scriptDir: dir.path,
    onRequest: (request) => requests.push(request),
  });
  return {
    url: server.url,
    requests,
    async [Symbol.asyncDispose]() {
      await server.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}
