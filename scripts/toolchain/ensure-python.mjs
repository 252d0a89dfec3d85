import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdInstallLock } from './install-lock.mjs';
import { probePython } from './probe-python.mjs';
import { runLogged } from './run-logged.mjs';

/**
 * Makes sure `infra/.venv` fits `infra/requirements.txt`. What a machine lacks is an outcome, not an error: everything
 * but the Python side works without it. An equal stamp means no process is started and nothing is written.
 */
export async function ensurePython({ root, env }) {
  const place = placeOf(root);
  if (!existsSync(place.lockfile)) return unavailable('there is no infra/requirements.txt');
  if (isSetUp(place)) return { status: 'ready', python: place.python };
  const program = env.PYTHON_PATH || 'python3';
  const ownEnv = withoutForeignPython(env);
  const lack = probePython(program, ownEnv);
  if (lack !== undefined) return unavailable(lack);
  mkdirSync(join(root, '.cache'), { recursive: true });
  const release = await holdInstallLock(join(root, '.cache', 'install-python.lock'));
  try {
    if (isSetUp(place)) return { status: 'ready', python: place.python }; // another process did it meanwhile
    return await setUp(place, { program, env: ownEnv });
  } finally {
    release();
  }
}

async function setUp(place, { program, env }) {
  process.stderr.write('agentswarm: setting up the Python side in infra/.venv (needed once) …\n');
  const { lockfile, logPath, python, root } = place;
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--no-compile',
    '--disable-pip-version-check',
  ];
  const commands = [
    [program, '-m', 'venv', '--clear', place.folder],
    [python, ...pip, '--require-hashes', '-r', lockfile],
  ];
  for (const command of commands) {
    const { code, tail } = await runLogged(command, { cwd: root, env, logPath });
    if (code !== 0)
      return unavailable(`setting up infra/.venv failed (${lastWords(tail, code)}; more in ${logPath})`);
  }
  writeFileSync(place.stamp, stampOf(place));
  return { status: 'ready', python };
}

function placeOf(root) {
  const folder = join(root, 'infra', '.venv');
  return {
    root,
    folder,
    python: join(folder, 'bin', 'python'),
    stamp: join(folder, '.agentswarm-install'),
    lockfile: join(root, 'infra', 'requirements.txt'),
    logPath: join(root, '.cache', 'install-python.log'),
  };
}

function isSetUp(place) {
  return (
    existsSync(place.stamp) &&
    existsSync(place.python) &&
    readFileSync(place.stamp, 'utf8') === stampOf(place)
  );
}

/** The environment links to the machine's interpreter: where that is upgraded, its packages are gone. */
function stampOf({ lockfile, python }) {
  const hash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  return `${hash} ${realpathSync(python)}\n`;
}

/** Another environment's variables would lead pip out of ours. */
function withoutForeignPython(env) {
  const { PYTHONHOME, PYTHONPATH, VIRTUAL_ENV, PIP_USER, PIP_TARGET, PIP_REQUIRE_VIRTUALENV, ...rest } = env;
  return rest;
}

function lastWords(tail, code) {
  return (
    tail.filter((line) => line.startsWith('ERROR')).pop() ?? tail[tail.length - 1] ?? `exit code ${code}`
  );
}

function unavailable(reason) {
  return { status: 'unavailable', reason };
}
