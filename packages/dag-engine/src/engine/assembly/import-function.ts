import { importHandler, type ProjectDirectories } from '../tools/import-handler.ts';
import type { Outcome } from '../tools/failure.ts';

/**
 * Imports the function or class that `module:function` names, by the rules of {@link importHandler}. What it takes
 * and gives is the contract of whoever names it in a manifest. Never rejects.
 */
export async function importFunction<F extends (...args: never[]) => unknown>(
  entrypoint: string,
  project: ProjectDirectories,
): Promise<Outcome<F>> {
  return (await importHandler(entrypoint, project)) as Outcome<F>;
}
