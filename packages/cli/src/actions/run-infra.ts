import { infraDirectory } from '../assets.ts';
import { findModalCredentials } from '../backends/modal-credentials.ts';
import { requirePythonSide, selectPython } from '../backends/python-side.ts';
import { loadConfig, type ConfigFlags } from '../config/load-config.ts';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { modalArguments, toShellLine, type InfraRequest } from '../infra/modal-command.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { runVisibly } from '../spawn.ts';

export interface InfraFlags extends Pick<ConfigFlags, 'target'> {
  readonly dryRun?: boolean;
}

/** `agentswarm infra deploy|status|stop`: the Modal command, with its own output, and its exit code where we have that one, too. */
export async function runInfra(
  context: CliContext,
  request: InfraRequest,
  flags: InfraFlags,
): Promise<ExitCode> {
  const { env, directory } = context;
  const { config } = await loadConfig(context, { target: flags.target ?? directory });
  const infra = infraDirectory();
  const args = modalArguments(request, { infra, env });
  if (flags.dryRun === true) {
    print(context, toShellLine([selectPython(config.pythonPath, infra), ...args]));
    return EXIT_CODES.goalMet;
  }
  const { python } = await requirePythonSide(config.pythonPath, env);
  const found = findModalCredentials(config, env);
  if (found.kind === 'none') throw new CliError('CLI_NO_CREDENTIALS', 'there are no credentials for Modal');
  const account = {
    ...(found.kind === 'profile'
      ? {}
      : { MODAL_TOKEN_ID: found.tokenId.reveal(), MODAL_TOKEN_SECRET: found.tokenSecret.reveal() }),
    ...(config.modalEnvironment === undefined ? {} : { MODAL_ENVIRONMENT: config.modalEnvironment }),
  };
  print({ stdout: context.stderr }, `$ ${toShellLine([python, ...args])}`);
  return await runInterruptible(context, async (signal) => {
    const ended = await runVisibly(python, args, {
      // Modal imports from where it is started: that must not be a folder of somebody else's repository.
      cwd: infra,
      env: { ...env, ...account },
      stdout: context.stdout,
      stderr: context.stderr,
      signal,
    });
    signal.throwIfAborted();
    if (ended.kind === 'not_started') {
      throw new CliError('CLI_COMMAND_FAILED', `${python} could not be started: ${ended.problem}`);
    }
    return exitCodeOf(ended.exitCode);
  });
}

/** Modal's own is 0, 1 or 2; whatever else there may be is a failure. */
function exitCodeOf(code: number | null): ExitCode {
  return [EXIT_CODES.goalMet, EXIT_CODES.usage].find((own) => own === code) ?? EXIT_CODES.notMet;
}
