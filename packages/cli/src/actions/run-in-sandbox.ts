import { existsSync, lstatSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  BranchNameSchema,
  randomIdSource,
  systemClock,
  type Sandbox,
  type SandboxSpec,
} from '@agentswarm/core';
import { captureWorkTree, hasUncommittedChanges, resolveRevision } from '@agentswarm/git';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { openGatewayFor, type CommandGateway } from '../sandbox/open-gateway-for.ts';
import {
  locateSandboxes,
  openSandboxBackend,
  refuseShortLived,
  type SandboxPlace,
} from '../sandbox/open-sandboxes.ts';
import { parseLimits, parseNetwork, parseVariables, readSecrets } from '../sandbox/parse-sandbox-flags.ts';
import { reportCommand, runCommandLine } from '../sandbox/run-command.ts';
import type { SandboxRunFlags } from '../sandbox/sandbox-flags.ts';

const BRANCH = BranchNameSchema.parse('sandbox');
const AUTHOR = { name: 'agentswarm sandbox', email: 'sandbox@agentswarm.invalid' };

/** `agentswarm sandbox run -- CMD…`. */
export async function runInSandbox(
  context: CliContext,
  line: readonly string[],
  flags: SandboxRunFlags,
): Promise<ExitCode> {
  if (flags.keep === true) refuseShortLived(flags.backend);
  const place = await locateSandboxes(context, flags);
  const upload = uploadOf(context, flags);
  const download = downloadOf(context, flags);
  const wanted = await specOf(context, place, flags);
  return await runInterruptible(context, async (signal) => {
    await using gateway = await openGatewayFor(context, wanted.network);
    await using opened = await openSandboxBackend(context, place, { ...flags, purpose: 'commands' });
    const sandbox = await opened.backend.create({ ...wanted, ...gatewayPart(wanted, gateway) }, { signal });
    await using ending = new AsyncDisposableStack();
    ending.use(sandbox);
    if (upload !== undefined) await sandbox.upload(upload, sandbox.paths.workdir, { signal });
    const env = gatewayVariables(sandbox);
    const result = await runCommandLine(context, { sandbox, line, flags, env, signal });
    signal.throwIfAborted();
    const keep = async () => {
      ending.move();
      await sandbox.detach();
      print({ stdout: context.stderr }, `kept as ${sandbox.id}`);
    };
    if (download !== undefined) {
      try {
        await sandbox.download(sandbox.paths.workdir, download, { signal });
      } catch (error) {
        // What the command made must not be lost with the sandbox.
        if (!signal.aborted) await keep();
        throw error;
      }
    }
    const kept = flags.keep === true;
    if (kept) await keep();
    return reportCommand(context, { sandbox, result, kept }, flags);
  });
}

async function specOf(
  context: CliContext,
  place: SandboxPlace,
  flags: SandboxRunFlags,
): Promise<SandboxSpec & Required<Pick<SandboxSpec, 'network'>>> {
  const typed = {
    labels: { run: randomIdSource.runId(systemClock.nowMs()), purpose: 'command' },
    network: parseNetwork(flags.network ?? 'none'),
    limits: parseLimits(flags),
    env: parseVariables(flags.env),
    secrets: readSecrets(context, flags.secret),
    dependencies: flags.dependencies === true,
  } as const;
  const source = await sourceOf(context, place, flags);
  if (source === undefined) return typed;
  const folder = place.repository?.folder ?? '';
  return { ...typed, source, ...(folder === '' ? {} : { workdir: folder }) };
}

/** What is checked out: a commit of the repository the command was typed in, if there is one. */
async function sourceOf(
  context: CliContext,
  { repository }: SandboxPlace,
  flags: SandboxRunFlags,
): Promise<SandboxSpec['source'] | undefined> {
  if (repository === undefined || flags.empty === true) {
    const needing = (['commit', 'changes', 'dependencies'] as const).find(
      (flag) => flags[flag] !== undefined,
    );
    if (needing === undefined) return undefined;
    throw new CliError('CLI_USAGE', `--${needing} needs a repository, without --empty`);
  }
  const { root, isBare } = repository;
  const revision = flags.commit ?? 'HEAD';
  const commit = await resolveRevision({ workdir: root, revision });
  if (commit === undefined) {
    throw new CliError('CLI_USAGE', `${root} has no commit ${revision}; --empty checks nothing out`);
  }
  const source = { repository: root, commit, branch: BRANCH };
  if (isBare && flags.changes === true) {
    throw new CliError('CLI_USAGE', `--changes needs a work tree, and ${root} is bare`);
  }
  if (flags.changes === true) {
    const captured = await captureWorkTree({ workdir: root, message: 'uncommitted changes', author: AUTHOR });
    return { ...source, commit: captured };
  }
  if (flags.commit === undefined && !isBare && (await hasUncommittedChanges({ workdir: root }))) {
    print(
      { stdout: context.stderr },
      'uncommitted changes are not in the sandbox; --changes takes them along',
    );
  }
  return source;
}

/** @throws {CliError} CLI_RESTORE_EXISTS: found out before the command runs, not when there is no place for its result. */
function downloadOf(context: CliContext, { download }: SandboxRunFlags): string | undefined {
  if (download === undefined) return undefined;
  const folder = resolve(context.directory, download);
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return folder;
  throw new CliError('CLI_RESTORE_EXISTS', `--download ${download} exists already`);
}

/** @throws {CliError} CLI_USAGE for a missing folder, and for a repository, whose configuration may hold credentials. */
function uploadOf(context: CliContext, { upload }: SandboxRunFlags): string | undefined {
  if (upload === undefined) return undefined;
  const folder = resolve(context.directory, upload);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CliError('CLI_USAGE', `--upload ${upload} is no folder`);
  }
  if (!existsSync(join(folder, '.git'))) return folder;
  throw new CliError(
    'CLI_USAGE',
    `--upload ${upload} is a repository: --commit and --changes bring its files, not its configuration`,
  );
}

/** The token is a secret of the sandbox: it is never part of an argument list. */
function gatewayPart(
  { secrets }: SandboxSpec,
  gateway: CommandGateway | undefined,
): Pick<SandboxSpec, 'gatewaySocket' | 'secrets'> {
  if (gateway === undefined) return {};
  const { socketPath, token } = gateway;
  return { gatewaySocket: socketPath, secrets: { OPENAI_API_KEY: token, ...secrets } };
}

function gatewayVariables({ gateway }: Sandbox): Readonly<Record<string, string>> {
  return gateway?.kind === 'socket' ? { AGENTSWARM_GATEWAY_SOCKET: gateway.path } : {};
}
