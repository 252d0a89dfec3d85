import { setTimeout as wait } from 'node:timers/promises';
import { Secret } from '@agentswarm/core';
import { CliError } from '../errors.ts';
import { holdProcess, type HeldProcess } from '../spawn.ts';

const END_GRACE_MS = 20_000;

export interface FakeModalOptions {
  /** Interpreter that has the SDK installed. */
  readonly python: string;
  /** Folder that holds the package `fake_modal`. */
  readonly infra: string;
  /** Folders and files of this machine that sandboxes see read-only. */
  readonly exposed: readonly string[];
  /** PATH of sandboxes. */
  readonly path: string;
  readonly isolation: 'auto' | 'none';
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Our test server, running. Disposing it ends it and every sandbox it has. */
export interface FakeModal extends AsyncDisposable {
  readonly serverUrl: string;
  readonly credentials: { readonly tokenId: Secret; readonly tokenSecret: Secret };
  /** What its sandboxes are apart by. */
  readonly isolation: 'namespaces' | 'none';
}

/**
 * Starts our test server in the place of Modal. It ends with the standard input of this process's making, so also
 * when this process is killed.
 *
 * @throws {CliError} CLI_SERVER_NOT_STARTED.
 */
export async function startFakeModal(options: FakeModalOptions): Promise<FakeModal> {
  const { python, infra, exposed, path, isolation, env } = options;
  const server = holdProcess(
    python,
    [
      ...['-m', 'fake_modal', '--isolation', isolation, '--path', path],
      ...exposed.flatMap((folder) => ['--expose', folder]),
    ],
    { cwd: infra, env: { PATH: env['PATH'], HOME: env['HOME'], TMPDIR: env['TMPDIR'], PYTHONPATH: infra } },
  );
  const line = await server.firstLine;
  const hello = line === undefined ? undefined : parseHello(line);
  if (hello === undefined) {
    await endServer(server);
    const words = server.complaint().trim().split('\n').at(-1) ?? '';
    throw new CliError('CLI_SERVER_NOT_STARTED', `the test server of modal-local did not start: ${words}`);
  }
  return { ...hello, [Symbol.asyncDispose]: () => endServer(server) };
}

function parseHello(line: string): Omit<FakeModal, keyof AsyncDisposable> | undefined {
  const said = JSON.parse(line) as Readonly<Record<string, string>>;
  const { serverUrl, tokenId, tokenSecret, isolation } = said;
  if (serverUrl === undefined || tokenId === undefined || tokenSecret === undefined) return undefined;
  return {
    serverUrl,
    credentials: { tokenId: new Secret(tokenId), tokenSecret: new Secret(tokenSecret) },
    isolation: isolation === 'namespaces' ? 'namespaces' : 'none',
  };
}

/** It clears up itself when its input ends. */
async function endServer(server: HeldProcess): Promise<void> {
  server.endInput();
  const over = new AbortController();
  const patience = wait(END_GRACE_MS, undefined, { signal: over.signal });
  void server.ended.then(() => over.abort());
  const [grace] = await Promise.allSettled([patience]);
  if (grace.status === 'fulfilled') server.signal('SIGKILL');
  await server.ended;
}
