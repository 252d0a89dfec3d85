import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Logger, Secret } from '@agentswarm/core';
import { findRepositoryRoot } from '@agentswarm/git';
import { createStateFolder, stateFolderOf } from '@agentswarm/orchestrator';
import type { BackendKind } from '../backends/backend-kinds.ts';
import { readBackendSettings } from '../backends/backend-settings.ts';
import { openBackend } from '../backends/open-backend.ts';
import type { BackendRequest, OpenedBackend } from '../backends/opened-backend.ts';
import { secretsOf } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { createLogging } from '../logging/create-logging.ts';
import { readHostSettings } from '../runs/host-settings.ts';
import type { SandboxFlags } from './sandbox-flags.ts';

/** The sandboxes of a repository, or of this user outside of one. */
export interface SandboxPlace {
  /** Folder the backend keeps them in. */
  readonly root: string;
  /** Present inside a repository. */
  readonly repository?: {
    readonly root: string;
    /** Without files checked out. */
    readonly isBare: boolean;
    /** Where the command was typed, below the top; `''` is the top itself. */
    readonly folder: string;
  };
}

/** Finds where the sandboxes that are meant are kept. @throws {CliError} CLI_REPOSITORY. */
export async function locateSandboxes(context: CliContext, flags: SandboxFlags): Promise<SandboxPlace> {
  const path = resolve(context.directory, flags.repo ?? '.');
  const found = await findRepositoryRoot({ path });
  if (found.kind === 'none') {
    if (flags.repo !== undefined) throw new CliError('CLI_REPOSITORY', `${path} is not a git repository`);
    const state = context.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
    return { root: join(state, 'agentswarm', 'sandboxes') };
  }
  const isBare = found.kind === 'bare';
  const state = stateFolderOf({ root: found.root, isBare });
  await createStateFolder(state);
  const folder = found.kind === 'subfolder' ? relative(found.root, path) : '';
  return { root: state.sandboxes, repository: { root: found.root, isBare, folder } };
}

/**
 * Opens the backend that makes and opens them.
 *
 * @throws {SandboxError} ISOLATION_UNAVAILABLE.
 * @throws {CliError} CLI_USAGE for sandboxes of another process where there can be none.
 */
export async function openSandboxBackend(
  context: CliContext,
  place: SandboxPlace,
  wanted: Pick<SandboxFlags, 'backend' | 'isolation'> & Pick<BackendRequest, 'purpose'>,
): Promise<OpenedBackend> {
  const { backend, isolation = 'auto', purpose } = wanted;
  const directory = place.repository?.root ?? context.directory;
  const settings = await readBackendSettings(context, { backend, isolation, directory });
  return await openBackend({
    settings,
    root: place.root,
    host: await readHostSettings(context.env),
    logger: errors(context, secretsOf(settings)),
    purpose,
    allowNoIsolationFallback: false,
  });
}

/** Opens the backend to list and remove them, for which no isolation is needed. */
export async function openSandboxList(
  context: CliContext,
  place: SandboxPlace,
  { backend }: Pick<SandboxFlags, 'backend'>,
): Promise<OpenedBackend> {
  refuseShortLived(backend);
  return await openSandboxBackend(context, place, { backend, isolation: 'none', purpose: 'existing' });
}

/** @throws {CliError} CLI_USAGE: what is asked for needs sandboxes that outlive the command that makes them. */
export function refuseShortLived(backend: BackendKind): void {
  if (backend !== 'modal-local') return;
  throw new CliError(
    'CLI_USAGE',
    'sandboxes of modal-local end with the command that makes them: its server does. None can be kept, listed, opened or removed by another',
  );
}

function errors(context: CliContext, secrets: readonly Secret[]): Logger {
  return createLogging({
    level: 'error',
    secrets,
    shownLevel: 'error',
    show: (line) => void context.stderr.write(`${line}\n`),
  }).logger;
}
