import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolHandler } from '@agentswarm/dag-engine/engine';

/** The tool `find_package {folder}` → `{name, version}`. Its schema has seen to it that `folder` is a plain name. */
export const findPackage: ToolHandler = async (inputs, { root, signal }) => {
  const { folder } = inputs as { readonly folder: string };
  const text = await readFile(join(root, folder, 'package.json'), { encoding: 'utf8', signal });
  const { name, version } = JSON.parse(text) as { readonly name: string; readonly version: string };
  return { name, version };
};
