import { lstat, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { JsonObject } from '../../model/json.ts';
import type { ToolContext } from '../tool-ports.ts';
import { locate, type Location } from './locate.ts';
import { openDirectory } from './open-directory.ts';
import { tellingFailures } from './system-failure.ts';
import { readPath } from './tool-inputs.ts';

/** The tool `list_files {path="."}` → `{path, entries}`: names in code unit order; a file lists itself. */
export async function listFilesTool(inputs: JsonObject, context: ToolContext): Promise<JsonObject> {
  const path = readPath(inputs, '.');
  return tellingFailures(path, async () => {
    const location = await locate(path, context);
    return { path: location.path, entries: await entriesOf(location) };
  });
}

async function entriesOf({ realRoot, names, path }: Location): Promise<readonly string[]> {
  const name = names.at(-1);
  if (name !== undefined) {
    await using parent = await openDirectory({ realRoot, names: names.slice(0, -1) });
    if (!(await lstat(parent.entry(name))).isDirectory()) return [basename(path)];
  }
  await using directory = await openDirectory({ realRoot, names });
  return (await readdir(directory.address)).toSorted();
}
