import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Secret, silentLogger, type Logger } from '@agentswarm/core';
import { describe, it } from 'vitest';
import { openShim, type OpenShimOptions } from '../../src/modal/shim/open-shim.ts';
import type { ShimProcess } from '../../src/modal/shim/shim-process.ts';

export const infraFolder = fileURLToPath(new URL('../../../../infra', import.meta.url));
export const python = `${infraFolder}/.venv/bin/python`;

/** Declares tests that need the Python side; without it they are skipped, and say so. */
export function describeWithPython(title: string, declare: () => void): void {
  if (existsSync(python)) describe(title, declare);
  else describe(title, () => it('works', ({ skip }) => skip('the Python side is not set up (infra/.venv)')));
}

interface Hello {
  readonly serverUrl: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** A server that speaks as Modal does, with sandboxes on this machine. */
export interface FakeModal extends AsyncDisposable {
  readonly hello: Hello;
  /** Sends a request of its control channel. */
  ask(op: string, fields?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** @param exposed - folders of this machine that every sandbox sees */
export async function startFakeModal(exposed: readonly string[] = []): Promise<FakeModal> {
  const exposing = exposed.flatMap((folder) => ['--expose', folder]);
  const child = spawn(python, ['-m', 'fake_modal', ...exposing], {
    cwd: infraFolder,
    env: { PATH: process.env['PATH'], PYTHONPATH: infraFolder },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => JSON.parse((await lines.next()).value as string) as unknown;
  const hello = (await read()) as Hello;
  let lastId = 0;
  return {
    hello,
    ask: async (op, fields = {}) => {
      child.stdin.write(`${JSON.stringify({ id: ++lastId, op, ...fields })}\n`);
      const answer = (await read()) as { readonly result?: unknown; readonly error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

/** A shim whose account is that server's. */
export function shimOf(
  { hello }: FakeModal,
  more: Partial<Pick<OpenShimOptions, 'onNotice' | 'credentials'>> & { readonly logger?: Logger } = {},
): Promise<ShimProcess> {
  return openShim({
    python,
    folder: infraFolder,
    env: {
      PATH: process.env['PATH'],
      MODAL_CONFIG_PATH: '/nonexistent/modal.toml',
      MODAL_DISABLE_API_PROXY: '1',
    },
    account: { app: 'agentswarm-test', backend: 'v1', serverUrl: hello.serverUrl },
    credentials: { tokenId: new Secret(hello.tokenId), tokenSecret: new Secret(hello.tokenSecret) },
    onNotice: () => undefined,
    logger: silentLogger,
    ...more,
  });
}
