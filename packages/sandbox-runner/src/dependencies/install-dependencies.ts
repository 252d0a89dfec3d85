import type { Sandbox, SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import type { DependencyInputs } from './dependency-inputs.ts';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const TAIL_CHARACTERS = 2_000;

/** What an installation needs of a sandbox. */
export type InstallPlace = Pick<Sandbox, 'paths' | 'writeFile' | 'exec'>;

/** The sandbox to install dependencies in, with registry and certificate settings. */
export function planInstaller(run: string, env: Readonly<Record<string, string>>): SandboxSpec {
  return {
    labels: { run, purpose: 'dependencies' },
    network: 'registries',
    env: { CI: '1', ...env, npm_config_update_notifier: 'false' },
  };
}

/**
 * Installs what `inputs` pin into the work directory of an empty sandbox. Gives how long it took.
 *
 * @throws {SandboxError} DEPENDENCIES_FAILED
 */
export async function installDependencies(sandbox: InstallPlace, inputs: DependencyInputs): Promise<number> {
  for (const [path, content] of inputs.files) {
    await sandbox.writeFile(`${sandbox.paths.workdir}/${path}`, content);
  }
  const result = await sandbox.exec({
    command: ['sh', '-c', installScript(inputs)],
    timeoutMs: INSTALL_TIMEOUT_MS,
  }).result;
  if (result.reason === 'exited' && result.exitCode === 0) return Math.round(result.durationMs);
  const outputTail = `${result.stdout}\n${result.stderr}`.trim().slice(-TAIL_CHARACTERS);
  throw new SandboxError('DEPENDENCIES_FAILED', `${inputs.manager} could not install the dependencies`, {
    details: {
      manager: inputs.manager,
      reason: result.reason,
      exitCode: result.exitCode ?? null,
      outputTail,
    },
  });
}

/** What ran the installation may not be trusted: a link could lead anywhere. */
export function notPlainFolder(): SandboxError {
  return new SandboxError('DEPENDENCIES_FAILED', 'the installed node_modules is not a plain folder');
}

/** A constant script: nothing of the repository becomes part of it but a checked version. */
function installScript(inputs: DependencyInputs): string {
  if (inputs.manager === 'npm') return 'exec npm ci --ignore-scripts --no-audit --no-fund --loglevel=error';
  const flags =
    'install --frozen-lockfile --ignore-scripts --ignore-pnpmfile --config.manage-package-manager-versions=false';
  const named = inputs.managerVersion === undefined ? 'pnpm' : `pnpm@${inputs.managerVersion}`;
  return `if command -v pnpm >/dev/null; then exec pnpm ${flags}; else exec npx -y ${named} ${flags}; fi`;
}
