import { isAbsolute, join, resolve } from 'node:path';

/** Where a file is kept: a declared path may be absolute or relative to the state root. */
export function placeOf(stateRoot: string, declared: string | null, byDefault: string): string {
  if (declared === null) return join(stateRoot, byDefault);
  return isAbsolute(declared) ? declared : resolve(stateRoot, declared);
}
