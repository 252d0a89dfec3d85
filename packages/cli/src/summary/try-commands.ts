import { join } from 'node:path';
import { readTextIfExists } from '../config/read-files.ts';

const WORTH_TRYING = ['dev', 'start', 'test'] as const;

/** npm commands the target's own manifest offers to try the result with; none without a manifest. */
export async function findTryCommands(targetPath: string): Promise<string[]> {
  const text = await readTextIfExists(join(targetPath, 'package.json'));
  const scripts = text === undefined ? {} : scriptsOf(text);
  const names = WORTH_TRYING.filter((name) => name in scripts);
  return names.length === 0 ? [] : ['npm install', ...names.map((name) => `npm run ${name}`)];
}

function scriptsOf(text: string): object {
  try {
    const manifest: unknown = JSON.parse(text);
    const scripts =
      typeof manifest === 'object' && manifest !== null && 'scripts' in manifest
        ? manifest.scripts
        : undefined;
    return typeof scripts === 'object' && scripts !== null ? scripts : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
