import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Logger, SandboxBackend } from '@agentswarm/core';
import { findRepositoryRoot } from '@agentswarm/git';
import { createStateFolder, stateFolderOf } from '@agentswarm/orchestrator';
import { createLocalBackend } from '@agentswarm/sandbox-runner';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { createLogging } from '../logging/create-logging.ts';
import { readHostSettings } from '../runs/host-settings.ts';
import type { SandboxFlags } from './sandbox-flags.ts';

const RUNTIME = { readOnlyPaths: [], nodePath: process.execPath };

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

/** Opens the backend that makes and opens them. @throws {SandboxError} ISOLATION_UNAVAILABLE. */
export async function openSandboxBackend(
  context: CliContext,
  { root }: SandboxPlace,
  { isolation }: Required<Pick<SandboxFlags, 'isolation'>>,
): Promise<SandboxBackend> {
  const { path, registry } = await readHostSettings(context.env);
  return createLocalBackend({ root, isolation, runtime: RUNTIME, path, registry, logger: errors(context) });
}

/** Opens the backend to list and remove them, for which no isolation is needed. */
export function openSandboxList(context: CliContext, { root }: SandboxPlace): SandboxBackend {
  return createLocalBackend({ root, isolation: 'none', runtime: RUNTIME, logger: errors(context) });
}

function errors(context: CliContext): Logger {
  return createLogging({
    level: 'error',
    secrets: [],
    shownLevel: 'error',
    show: (line) => void context.stderr.write(`${line}\n`),
  }).logger;
}
