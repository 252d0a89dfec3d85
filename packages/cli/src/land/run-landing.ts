import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BranchNameSchema,
  INITIAL_RUN_STATE,
  type EventSink,
  type Logger,
  type QueueEvent,
} from '@agentswarm/core';
import { openSqliteJournal } from '@agentswarm/journal';
import { createMergeQueue, type MergeQueue } from '@agentswarm/merge-queue';
import { createStateFolder } from '@agentswarm/orchestrator';
import type { BackendSettings } from '../backends/backend-settings.ts';
import { openBackend } from '../backends/open-backend.ts';
import type { OpenedBackend } from '../backends/opened-backend.ts';
import type { HostSettings } from '../runs/host-settings.ts';
import type { RunView } from '../view/run-view.ts';
import type { FoundBranch } from './choose-branches.ts';
import { importHeads } from './import-heads.ts';
import type { LandRepository } from './open-repository.ts';
import { policyOf, type LandSettings } from './queue-policy.ts';

export interface LandingOptions {
  readonly repository: LandRepository;
  readonly branches: readonly FoundBranch[];
  readonly settings: LandSettings;
  /** Where gates run. */
  readonly backendSettings: BackendSettings;
  readonly host: HostSettings;
  readonly view: RunView;
  readonly logger: Logger;
  /** Names this landing: its folder, its sandboxes. */
  readonly id: string;
  /** Ends it in an orderly way: a push in progress is brought to its end. */
  readonly signal: AbortSignal;
}

/** Lands branches, telling the view as it goes; gives every event. What was pushed stays, whatever ends it. */
export async function runLanding(options: LandingOptions): Promise<readonly QueueEvent[]> {
  const { repository, branches, settings, id, signal } = options;
  await using opened = new AsyncDisposableStack();
  await createStateFolder(repository.state);
  const folder = join(repository.state.path, 'land', id);
  await mkdir(folder, { recursive: true });
  const journal = opened.use(openSqliteJournal({ path: join(folder, 'journal.db') }));
  opened.use(await importHeads(repository, branches, signal));
  const backend = settings.gates.length === 0 ? undefined : opened.use(await openGates(options)).backend;
  const { remote, credential, root, target } = repository;
  const events: QueueEvent[] = [];
  const queue = opened.use(
    await createMergeQueue({
      ...policyOf(settings, backend, id),
      repository: root,
      target,
      ...(remote === undefined ? {} : { remote }),
      ...(credential === undefined ? {} : { credential: credential.token }),
      journal: tell(journal, options.view, events),
      logger: options.logger,
      signal,
    }),
  );
  enqueueAll(queue, branches);
  await queue.drain();
  await queue.stop();
  return events;
}

function enqueueAll(queue: MergeQueue, branches: readonly FoundBranch[]): void {
  for (const { name, head } of branches) {
    queue.enqueue({ ticket: name.slice(0, 200), branch: BranchNameSchema.parse(name), head, priority: 5 });
  }
}

/** Shows and keeps events once they are stored. */
function tell(journal: EventSink, view: RunView, events: QueueEvent[]): EventSink {
  let startedAtMs: number | undefined;
  return {
    append: (event) => {
      const record = journal.append(event);
      startedAtMs ??= record.atMs;
      events.push(event as QueueEvent);
      view.show(record, { ...INITIAL_RUN_STATE, startedAtMs });
      return record;
    },
  };
}

function openGates({ repository, backendSettings, host, logger }: LandingOptions): Promise<OpenedBackend> {
  return openBackend({
    settings: backendSettings,
    root: repository.state.sandboxes,
    host,
    logger,
    purpose: 'commands',
    allowNoIsolationFallback: false,
  });
}
