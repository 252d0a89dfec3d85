import type { Outcome } from '../tools/failure.ts';
import type { EngineParts } from './engine-parts.ts';
import { importFunction } from './import-function.ts';

/** The function of an entrypoint: what was given under its name, else what the project's code has. Never rejects. */
export async function loadFunction<F extends (...args: never[]) => unknown>(
  entrypoint: string,
  given: Readonly<Record<string, F>> | undefined,
  { manifests, workspaceRoot }: Pick<EngineParts, 'manifests' | 'workspaceRoot'>,
): Promise<Outcome<F>> {
  const value = given !== undefined && Object.hasOwn(given, entrypoint) ? given[entrypoint] : undefined;
  if (value !== undefined) return { ok: true, value };
  return importFunction<F>(entrypoint, { configDir: manifests.config_dir, workspaceRoot });
}
