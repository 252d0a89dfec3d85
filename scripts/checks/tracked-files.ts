import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

/** A text file git knows, or would add. */
export interface TrackedFile {
  readonly path: string;
  readonly text: string;
}

/** Every file of the repository that is tracked or about to be; ignored files are left out. */
export async function listTrackedPaths(root: string): Promise<readonly string[]> {
  const command = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { exitCode, stdout, output } = await runTool(command, { cwd: root });
  if (exitCode !== 0) throw new Error(`git ls-files failed in ${root}:\n${output}`);
  return [...new Set(stdout.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}

/** Reads those of them that are text. */
export async function readTrackedFiles(root: string): Promise<readonly TrackedFile[]> {
  const paths = await listTrackedPaths(root);
  const files = await Promise.all(paths.map((path) => readText(root, path)));
  return files.filter((file) => file !== undefined);
}

async function readText(root: string, path: string): Promise<TrackedFile | undefined> {
  try {
    const text = await readFile(join(root, path), 'utf8');
    return text.includes('\0') ? undefined : { path, text };
  } catch (error) {
    if (codeOf(error) === 'EISDIR') return undefined; // a link to a folder
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
