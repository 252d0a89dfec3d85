import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { infraDirectory } from '../assets.ts';
import { CliError } from '../errors.ts';
import { runCommand } from '../spawn.ts';

/** The SDK that the shim is written for: the protocol behind it is private, so another may not do. */
export const MODAL_SDK = '1.5.4';
const OLDEST_PYTHON = [3, 11] as const;
const DEFAULT_PYTHON = 'python3';

/** Prints its version and that of the SDK, if there is one, without loading it. */
const ASK = `import sys
print(".".join(map(str, sys.version_info[:3])))
from importlib.metadata import version, PackageNotFoundError
try: print(version("modal"))
except PackageNotFoundError: pass`;

type Env = Readonly<Record<string, string | undefined>>;

/** What an interpreter is good for. */
export type PythonSide =
  | { readonly kind: 'ready'; readonly python: string; readonly version: string; readonly sdk: string }
  | { readonly kind: 'lacking'; readonly python: string; readonly problem: string };

/**
 * The interpreter that is meant: in a clone of the repository that sets up one of its own, that takes the
 * place of the default.
 */
export function selectPython(pythonPath: string, infra: string): string {
  const own = join(infra, '.venv', 'bin', 'python');
  return pythonPath === DEFAULT_PYTHON && existsSync(own) ? own : pythonPath;
}

/** Looks whether the interpreter that is meant runs, is new enough and has the SDK. */
export async function probePythonSide(pythonPath: string, env: Env): Promise<PythonSide> {
  const infra = infraDirectory();
  const python = selectPython(pythonPath, infra);
  const lacking = (problem: string): PythonSide => ({ kind: 'lacking', python, problem });
  // Python imports from where it is started first: that must not be a folder of somebody else's repository.
  const asked = await runCommand(python, ['-c', ASK], { env, cwd: infra });
  if (asked.kind === 'not_started') return lacking(`${python} does not run`);
  const [version = '', sdk = ''] = asked.stdout.trim().split('\n');
  if (asked.exitCode !== 0) return lacking(`${python} does not run: exit code ${asked.exitCode}`);
  if (!isNewEnough(version)) {
    return lacking(`${python} is Python ${version}; ${OLDEST_PYTHON.join('.')} or newer is needed`);
  }
  return sdk === '' ? lacking(`${python} has no Modal SDK`) : { kind: 'ready', python, version, sdk };
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_PYTHON;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/**
 * The interpreter for what talks to Modal, and the folder of its programs.
 *
 * @throws {CliError} CLI_PYTHON_MISSING.
 */
export async function requirePythonSide(
  pythonPath: string,
  env: Env,
): Promise<{ readonly python: string; readonly sdk: string; readonly infra: string }> {
  const side = await probePythonSide(pythonPath, env);
  if (side.kind === 'ready') return { python: side.python, sdk: side.sdk, infra: infraDirectory() };
  throw new CliError('CLI_PYTHON_MISSING', `Modal needs Python with its SDK: ${side.problem}`, {
    details: { python: side.python, sdk: MODAL_SDK },
  });
}
