import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import type { CliContext } from '../src/context.ts';
import { runCaptured, startCaptured, type Captured, type CapturedRun } from './captured-cli.ts';

const ANSWERS = { '.': '<think>Let me see.</think>Hello there.' };

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** What standard input holds; it is no terminal. */
  readonly typed?: string;
  readonly overrides?: Partial<CliContext>;
}

/** An empty directory, a scripted model as its configured endpoint, and the command typed there. */
export interface ModelFolder extends AsyncDisposable {
  /** Without symbolic links. */
  readonly root: string;
  /** An empty folder for temporary files, short enough for sockets. */
  readonly temporary: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly run: (argv: readonly string[], given?: Given) => Promise<Captured>;
  readonly start: (argv: readonly string[], given?: Given) => CapturedRun;
  readonly write: (name: string, content: string) => Promise<void>;
}

/** `answers` map what the messages of the user must match to the reply; the first that holds answers. */
export async function createModelFolder(
  answers: Readonly<Record<string, string>> = ANSWERS,
): Promise<ModelFolder> {
  await using opened = new AsyncDisposableStack();
  const root = await realpath(await createFolder('agentswarm-model-', opened));
  const temporary = await createFolder('as-', opened);
  const scriptDir = await createFolder('agentswarm-script-', opened);
  const rules = Object.entries(answers).map(([user, text], index) => ({
    name: `rule ${index}`,
    when: { user: [user] },
    steps: [{ text }],
  }));
  await writeFile(join(scriptDir, 'model.json'), JSON.stringify({ model: 'glm-5' }));
  await writeFile(join(scriptDir, 'test.rules.json'), JSON.stringify({ rules }));
  const server = opened.use(await createScriptedModelServer({ scriptDir }));
  const env = { LLM_BASE_URL: server.url, LLM_MODEL: 'glm-5', LLM_API_KEY: 'sk-canary-model' };
  const contextOf = (given: Given): Partial<CliContext> => ({
    directory: root,
    env: { PATH: process.env['PATH'], HOME: root, ...env, ...given.env },
    openStdin: () => Readable.from([given.typed ?? '']),
    ...given.overrides,
  });
  const owned = opened.move();
  return {
    ...{ root, temporary, env, url: server.url },
    run: (argv, given = {}) => runCaptured(argv, contextOf(given)),
    start: (argv, given = {}) => startCaptured(argv, contextOf(given)),
    write: (name, content) => writeFile(join(root, name), content),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function createFolder(prefix: string, opened: AsyncDisposableStack): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  opened.defer(() => rm(path, { recursive: true }));
  return path;
}
