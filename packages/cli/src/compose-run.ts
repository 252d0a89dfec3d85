import {
  foldRecords,
  randomIdSource,
  RunIdSchema,
  systemClock,
  toSwarmError,
  type Journal,
  type RunState,
} from '@agentswarm/core';
import { acquireRunLock, openSqliteJournal } from '@agentswarm/journal';
import type { ExchangeRecorder } from '@agentswarm/llm-client';
import { createCassetteRecorder } from '@agentswarm/llm-client/cassette';
import {
  assertResumable,
  createRunFolder,
  locateTarget,
  openSwarm,
  openTarget,
  runFolderOf,
  type RunFolder,
} from '@agentswarm/orchestrator';
import { openBackend } from './backends/open-backend.ts';
import { readModelCatalog } from './config/read-model-catalog.ts';
import { readModelNotes } from './config/read-model-notes.ts';
import { CliError } from './errors.ts';
import type { ComposeRun, ComposeRunOptions } from './runs/compose.ts';
import { probeEndpoints } from './runs/probe-endpoints.ts';
import { reapDeadRuns } from './runs/reap-dead-runs.ts';

/** Wires every package together and carries one run to its end. */
export const composeRun: ComposeRun = async (options) => {
  await using resources = new AsyncDisposableStack();
  const { config, targetPath: path, logger, secrets, repair, version } = options;
  const { graceful: signal } = options.stop;
  const { state } = await locateTarget(path);
  resources.use(acquireLock(state.lock, path));
  const runId = RunIdSchema.parse(options.resumeRunId ?? randomIdSource.runId(systemClock.nowMs()));
  const earlier = openEarlierRun(options, runFolderOf(state, runId));
  if (earlier) resources.use(earlier.journal);
  const target = await openTarget({ path, config, signal, ...(earlier ? { resumed: earlier.state } : {}) });
  const reports = await probeEndpoints(options.endpoints, { signal, logger });
  const { backend, workerCommand } = resources.use(
    await openBackend({ ...options, settings: config, root: state.sandboxes, purpose: 'workers' }),
  );
  await reapDeadRuns(backend, { ...options, state });
  // A second Ctrl-C does not wait for the run to wind down.
  const endNow = async () => {
    try {
      await backend[Symbol.asyncDispose]();
    } catch (error) {
      logger.error({ error: toSwarmError(error).message }, 'sandboxes could not be ended');
    }
  };
  options.stop.now.addEventListener('abort', () => void endNow());
  const folder = await createRunFolder(state, runId);
  const journal = earlier?.journal ?? resources.use(openSqliteJournal({ path: folder.journal }));
  const recorder = openRecorder(options, resources);
  const process = { pid: globalThis.process.pid, version };
  const swarm = resources.use(
    await openSwarm({
      runId,
      target,
      config,
      journal,
      backend,
      endpoints: options.endpoints,
      reports,
      catalog: await readModelCatalog(config),
      notes: await readModelNotes(config),
      ...(recorder === undefined ? {} : { recorder }),
      workerCommand,
      process,
      secrets,
      repair,
      logger,
    }),
  );
  await options.onStarted({ runId, folder: folder.path, journal });
  return await swarm.run({ signal });
};

function openRecorder(
  { recordPath: path, secrets }: ComposeRunOptions,
  resources: AsyncDisposableStack,
): ExchangeRecorder | undefined {
  return path === undefined ? undefined : resources.use(createCassetteRecorder({ path, secrets }));
}

function acquireLock(path: string, targetPath: string): Disposable {
  const acquired = acquireRunLock(path);
  if (acquired.kind === 'acquired') return acquired.lock;
  throw new CliError('CLI_RUN_LIVE', `a run is live on ${targetPath}`, { details: { targetPath } });
}

function openEarlierRun(
  { resumeRunId }: ComposeRunOptions,
  folder: RunFolder,
): { journal: Journal; state: RunState } | undefined {
  if (resumeRunId === undefined) return undefined;
  const journal = openSqliteJournal({ path: folder.journal });
  const state = foldRecords(journal.read());
  assertResumable(state);
  return { journal, state };
}
