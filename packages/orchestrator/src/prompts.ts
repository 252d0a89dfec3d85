import { readFile } from 'node:fs/promises';

/** The prompts of a run, by role. */
export interface Prompts {
  readonly planner: string;
  readonly worker: string;
}

/** Reads the prompts that come with this package (or, from a checkout, those of `prompts/`). */
export async function loadPrompts(): Promise<Prompts> {
  const folder = import.meta.url.endsWith('.ts')
    ? new URL('../../../prompts/', import.meta.url)
    : new URL('./prompts/', import.meta.url);
  const [planner, worker] = await Promise.all(
    ['root-planner.md', 'worker.md'].map((name) => readFile(new URL(name, folder), 'utf8')),
  );
  return { planner: planner ?? '', worker: worker ?? '' };
}
