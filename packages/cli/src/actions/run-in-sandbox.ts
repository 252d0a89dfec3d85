import { resolve } from 'node:path';
import {
  BranchNameSchema,
  randomIdSource,
  systemClock,
  type Sandbox,
  type SandboxSpec,
} from '@agentswarm/core';
import { hasUncommittedChanges, resolveRevision } from '@agentswarm/git';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { openGatewayFor, type CommandGateway } from '../sandbox/open-gateway-for.ts';
import { locateSandboxes, openSandboxBackend, type SandboxPlace } from '../sandbox/open-sandboxes.ts';
import { parseLimits, parseNetwork, parseVariables, readSecrets } from '../sandbox/parse-sandbox-flags.ts';
import { reportCommand, runCommandLine } from '../sandbox/run-command.ts';
import type { SandboxRunFlags } from '../sandbox/sandbox-flags.ts';

const BRANCH = BranchNameSchema.parse('sandbox');

/** `agentswarm sandbox run -- CMD…`. */
export async function runInSandbox(
  context: CliContext,
  line: readonly string[],
  flags: SandboxRunFlags,
): Promise<ExitCode> {
  const place = await locateSandboxes(context, flags);
  const wanted = await specOf(context, place, flags);
  return await runInterruptible(context, async (signal) => {
    await using gateway = await openGatewayFor(context, wanted.network);
    await using backend = await openSandboxBackend(context, place, { isolation: flags.isolation ?? 'auto' });
    const sandbox = await backend.create({ ...wanted, ...gatewayPart(wanted, gateway) }, { signal });
    await using ending = new AsyncDisposableStack();
    ending.use(sandbox);
    await uploadInto(context, sandbox, flags);
    const env = gatewayVariables(sandbox);
    const result = await runCommandLine(context, { sandbox, line, flags, env, signal });
    signal.throwIfAborted();
    if (flags.download !== undefined) {
      await sandbox.download(sandbox.paths.workdir, resolve(context.directory, flags.download), { signal });
    }
    const kept = flags.keep === true;
    if (kept) {
      ending.move();
      await sandbox.detach();
    }
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
  const needsCommit = flags.commit !== undefined || flags.dependencies === true;
  if (repository === undefined || flags.empty === true) {
    if (!needsCommit) return undefined;
    throw new CliError('CLI_USAGE', '--commit and --dependencies need a repository, without --empty');
  }
  const revision = flags.commit ?? 'HEAD';
  const commit = await resolveRevision({ workdir: repository.root, revision });
  if (commit === undefined) {
    throw new CliError(
      'CLI_USAGE',
      `${repository.root} has no commit ${revision}; --empty checks nothing out`,
    );
  }
  if (flags.upload === undefined && flags.commit === undefined) await warnOfChanges(context, repository.root);
  return { repository: repository.root, commit, branch: BRANCH };
}

async function warnOfChanges(context: CliContext, workdir: string): Promise<void> {
  if (!(await hasUncommittedChanges({ workdir }))) return;
  print({ stdout: context.stderr }, 'uncommitted changes are not in the sandbox; --upload . copies them');
}

async function uploadInto(context: CliContext, sandbox: Sandbox, { upload }: SandboxRunFlags): Promise<void> {
  if (upload !== undefined) await sandbox.upload(resolve(context.directory, upload), sandbox.paths.workdir);
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
