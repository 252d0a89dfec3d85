import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createModalBackend, findGuard, SandboxError } from '@agentswarm/sandbox-runner';
import { findWorkerRuntime, type WorkerRuntime } from '../runs/worker-runtime.ts';
import { startFakeModal, type FakeModal } from './fake-modal.ts';
import { WITHOUT_ISOLATION } from './open-local-backend.ts';
import type { BackendRequest, OpenedBackend } from './opened-backend.ts';
import { requirePythonSide } from './python-side.ts';

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Opens the backend of `modal` with our test server in the place of Modal: the same way, on this machine. */
export async function openModalLocal(request: BackendRequest): Promise<OpenedBackend> {
  const { settings, host, logger } = request;
  await using opened = new AsyncDisposableStack();
  const { python, infra } = await requirePythonSide(settings.pythonPath, host.env);
  const runtime = findWorkerRuntime();
  const server = opened.use(
    await startFakeModal({
      python,
      infra,
      isolation: settings.isolation,
      exposed: [...runtime.readOnlyPaths, nodeInstallation(runtime)],
      path: `${dirname(realpathSync(runtime.nodePath))}:${SYSTEM_PATH}`,
      env: host.env,
    }),
  );
  assertIsolated(server, request);
  // What is known of its sandboxes is of no use without the server.
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-modal-'));
  opened.defer(() => rm(root, { recursive: true, force: true }));
  const backend = opened.use(
    createModalBackend({
      root,
      account: { app: settings.modalApp, serverUrl: server.serverUrl, credentials: server.credentials },
      shim: { python, folder: infra, env: withoutModal(host.env) },
      // Every image of that server is this machine.
      image: { registry: 'this-machine' },
      guardCommand: guardOf(runtime),
      path: host.path,
      registry: host.registry,
      logger,
    }),
  );
  const owned = opened.move();
  return {
    backend,
    workerCommand: runtime.command,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** @throws {SandboxError} ISOLATION_UNAVAILABLE where it was asked for and is missing. */
function assertIsolated(
  { isolation }: FakeModal,
  { settings, allowNoIsolationFallback, logger }: BackendRequest,
): void {
  if (isolation === 'namespaces' || settings.isolation === 'none') return;
  const reason = 'bubblewrap and nsenter do not work here';
  if (!allowNoIsolationFallback) {
    throw new SandboxError('ISOLATION_UNAVAILABLE', `sandboxes of modal-local cannot be isolated: ${reason}`);
  }
  logger.warn({ reason }, WITHOUT_ISOLATION);
}

/** Node, with npm where it came along. */
function nodeInstallation({ nodePath }: WorkerRuntime): string {
  const file = realpathSync(nodePath);
  const installation = dirname(dirname(file));
  return existsSync(join(installation, 'lib', 'node_modules', 'npm')) ? installation : file;
}

/** As the worker is started, from the same installation. */
function guardOf({ command }: WorkerRuntime): readonly [string, ...string[]] {
  const [node, ...args] = command;
  return [node, ...args.slice(0, -1), findGuard()];
}

/** The person's account must not come into it. */
function withoutModal(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MODAL_'))),
    MODAL_CONFIG_PATH: devNull,
    MODAL_DISABLE_API_PROXY: '1',
  };
}
