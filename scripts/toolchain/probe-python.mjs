import { spawnSync } from 'node:child_process';

const OLDEST = [3, 11];
/** Debian and Ubuntu leave `ensurepip` out of their python3 package: without it `venv` installs no pip. */
const PROBE = `import importlib.util, json, sys
print(json.dumps([*sys.version_info[:2], all(map(importlib.util.find_spec, ("venv", "ensurepip")))]))`;

/** Says what an interpreter lacks to make the virtual environment, or undefined when it lacks nothing. */
export function probePython(program, env) {
  const { error, status, stdout, stderr } = spawnSync(program, ['-c', PROBE], { env, encoding: 'utf8' });
  if (error !== undefined)
    return error.code === 'ENOENT'
      ? `${program} is not installed`
      : `${program} does not start (${error.code})`;
  if (status !== 0) return `${program} does not work: ${stderr.trim().split('\n').pop()}`;
  const [major, minor, hasVenv] = JSON.parse(stdout);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return `${program} is Python ${major}.${minor}; ${OLDEST.join('.')} or newer is needed`;
  if (!hasVenv) return `${program} has no venv (on Debian or Ubuntu: apt-get install python3-venv)`;
  return undefined;
}
