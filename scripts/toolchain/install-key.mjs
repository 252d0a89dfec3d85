import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Identifies everything an installation depends on; equal keys need no second installation. */
export function installKey(root) {
  const hash = createHash('sha256');
  hash.update(`${process.platform}-${process.arch}\0`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...workspaceManifests(root)]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function workspaceManifests(root) {
  const manifests = workspacePatterns(root).flatMap((pattern) => foldersOf(root, pattern));
  return manifests
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(root, file)))
    .sort();
}

/** Reads the `packages:` list; it holds only `folder` and `folder/*`. */
function workspacePatterns(root) {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?:[ \t]+-.*\n?)*)/m.exec(text)?.[1] ?? '';
  return [...list.matchAll(/-\s*['"]?([^'"\s]+)['"]?/g)].map((match) => match[1]);
}

function foldersOf(root, pattern) {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
}
