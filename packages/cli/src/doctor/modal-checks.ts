import { toSwarmError, type SwarmConfig } from '@agentswarm/core';
import { findModalCredentials } from '../backends/modal-credentials.ts';
import { MODAL_SDK, probePythonSide } from '../backends/python-side.ts';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hints.ts';
import { fail, ok, warn, type CheckResult } from './check.ts';

type Env = CliContext['env'];

/** Whether there is a Python for what talks to Modal; without need of it, a lack is only told. */
export async function checkPython(
  { pythonPath, sandboxBackend }: Pick<SwarmConfig, 'pythonPath' | 'sandboxBackend'>,
  env: Env,
): Promise<CheckResult> {
  const side = await probePythonSide(pythonPath, env);
  const isNeeded = sandboxBackend !== 'local';
  if (side.kind === 'lacking') {
    const detail = isNeeded ? side.problem : `${side.problem}; only Modal needs it`;
    return (isNeeded ? fail : warn)('python', detail, `set PYTHON_PATH to a Python with modal==${MODAL_SDK}`);
  }
  const detail = `${side.version}, Modal SDK ${side.sdk}`;
  if (side.sdk === MODAL_SDK) return ok('python', detail);
  return warn('python', `${detail}, which was never tried`, `pip install modal==${MODAL_SDK}`);
}

/** What else remote sandboxes need; nothing where sandboxes are local. Modal itself is not asked. */
export function checkModal(config: SwarmConfig, env: Env): CheckResult[] {
  if (config.sandboxBackend !== 'modal') return [];
  return [checkCredentials(config, env), checkImage(config)];
}

function checkCredentials(config: SwarmConfig, env: Env): CheckResult {
  try {
    const found = findModalCredentials(config, env);
    if (found.kind === 'none') return fail('modal', 'there are no credentials', fixOf('CLI_NO_CREDENTIALS'));
    return ok('modal', found.kind === 'profile' ? `credentials of ${found.path}` : 'MODAL_TOKEN_ID is set');
  } catch (thrown) {
    return fail('modal', toSwarmError(thrown).message, 'set both halves of the token');
  }
}

function checkImage({ modalImage }: SwarmConfig): CheckResult {
  if (modalImage !== undefined) return ok('image', modalImage);
  return fail('image', 'MODAL_IMAGE is not set', fixOf('CLI_NO_IMAGE'));
}

function fixOf(code: string): string {
  return hintFor({ code, details: {} }) ?? 'see `agentswarm --help`';
}
