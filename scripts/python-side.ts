import { ensurePython } from './toolchain/ensure-python.mjs';
import type { PythonSide } from './toolchain/ensure-python.mjs';

/** The virtual environment of `infra/`, set up when it is not there or does not fit the lockfile. */
export function pythonSide(root: string): Promise<PythonSide> {
  return ensurePython({ root, env: process.env });
}
