import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { CliContext } from '../src/context.ts';
import { runCaptured, startCaptured, type Captured, type CapturedRun } from './captured-cli.ts';

/** A project of `agentswarm engine init` in a folder of its own, and the command typed in it. */
export interface EngineProject extends AsyncDisposable {
  readonly root: string;
  /** Runs `agentswarm engine …` with what is typed as standard input. */
  readonly engine: (argv: readonly string[], given?: Given) => Promise<Captured>;
  readonly start: (argv: readonly string[], given?: Given) => CapturedRun;
  readonly write: (name: string, content: string | object) => Promise<void>;
}

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly typed?: string;
}

export async function createEngineProject(): Promise<EngineProject> {
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-engine-'));
  const contextOf = ({ env = {}, typed = '' }: Given): Partial<CliContext> => ({
    directory: root,
    env: { PATH: process.env['PATH'], HOME: root, ...env },
    openStdin: () => Readable.from([typed]),
  });
  const project: EngineProject = {
    root,
    engine: (argv, given = {}) => runCaptured(['engine', ...argv], contextOf(given)),
    start: (argv, given = {}) => startCaptured(['engine', ...argv], contextOf(given)),
    write: (name, content) =>
      writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content)),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
  const { code, stderr } = await project.engine(['init', '.']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return project;
}

/** What a model server was asked, as far as tests look at it. */
export interface Asked {
  readonly key: string | undefined;
  readonly body: {
    readonly model: string;
    readonly temperature: number;
    readonly top_p?: number;
    readonly max_tokens: number;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}

export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
}

/** An OpenAI-compatible server that says `answer` to everything; nothing said leaves the request open. */
export async function serveModel(
  answer: (
    asked: Asked,
  ) => { readonly text: string; readonly finish?: string; readonly status?: number } | void,
): Promise<ModelServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const one = { key: request.headers.authorization, body: body as Asked['body'] };
      asked.push(one);
      const given = answer(one);
      if (given === undefined) return;
      const message = { role: 'assistant', content: given.text };
      const choices = [{ index: 0, message, finish_reason: given.finish ?? 'stop' }];
      response.statusCode = given.status ?? 200;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ id: 'one', object: 'chat.completion', created: 0, model: one.body.model, choices }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
