import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeToyFile } from '../checks/toy-repository.ts';

/** A stand-in for an interpreter: says what it is, makes an environment that links to it, and "installs". */
const FAKE_PYTHON = `#!/bin/sh
cd "$TOY" || exit
echo "$*" >> python-calls.txt
case "$2" in
  *ensurepip*) cat probe.json ;;
  venv) rm -rf "$4" && mkdir -p "$4/bin" && ln -s "$(readlink -f "$0")" "$4/bin/python" ;;
  pip) if [ -e fail-once ]; then rm fail-once; echo "ERROR: no such hash"; echo "[notice]"; exit 1; fi ;;
esac
`;

/** What a toy repository needs to have a Python side; `probe` is what its interpreter says of itself. */
export const toyInfra = (probe = '[3, 12, true]') => ({
  'infra/requirements.txt': 'modal==1.5.4 --hash=sha256:0\n',
  'probe.json': probe,
});

/** Puts the stand-in at a path of a toy repository, whose root it expects in `TOY`. */
export async function writeFakePython(root: string, path = 'bin/python3'): Promise<void> {
  await writeToyFile(root, path, FAKE_PYTHON);
  await chmod(join(root, path), 0o755);
}

/** What the stand-in was called with so far. */
export async function pythonCalls(root: string): Promise<readonly string[]> {
  const text = await readFile(join(root, 'python-calls.txt'), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter((call) => call !== '');
}
