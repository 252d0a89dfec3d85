import { realpath, stat } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeThrown, failure, success, type Outcome } from './failure.ts';
import { errnoOf } from './filesystem/system-failure.ts';
import { namesBelow } from './names-below.ts';
import type { ToolHandler } from './tool-ports.ts';

/** Where entrypoints are looked for, both absolute. */
export interface ProjectDirectories {
  readonly configDir: string;
  readonly workspaceRoot: string;
}

const FILE_ENDINGS = ['.ts', '.mts', '.js', '.mjs'];
const DOTTED_PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const PACKAGE = /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(\/[\w-][\w.-]*)*$/i;

/**
 * Imports the function that `module:function` names: `./file.js:fn` from the configuration directory, a dotted path as
 * a file of the project (`tools.notes:add` is `tools/notes.ts`), or else a package the project has installed. Files
 * outside the project, URLs and built-in modules are refused; a package must be one that `require` can resolve, too.
 * Never rejects.
 */
export async function importHandler(
  entrypoint: string,
  project: ProjectDirectories,
): Promise<Outcome<ToolHandler>> {
  const split = entrypoint.lastIndexOf(':');
  const module = entrypoint.slice(0, Math.max(split, 0));
  const name = entrypoint.slice(split + 1);
  if (module === '' || name === '') return unresolved(entrypoint, 'is not written module:function');
  try {
    const url = await moduleUrl(module, project);
    if (url === null) return unresolved(entrypoint, 'names no file of the project and no installed package');
    const namespace = (await import(url)) as Readonly<Record<string, unknown>>;
    const handler = Object.hasOwn(namespace, name) ? namespace[name] : undefined;
    if (typeof handler !== 'function') return unresolved(entrypoint, `has no function "${name}"`);
    return success(handler as ToolHandler);
  } catch (thrown) {
    return unresolved(entrypoint, `cannot be imported: ${describeThrown(thrown)}`);
  }
}

async function moduleUrl(module: string, project: ProjectDirectories): Promise<string | null> {
  if (/^\.\.?\//.test(module)) return fileUrl(resolve(project.configDir, module), project);
  if (isBuiltin(module)) return null;
  if (DOTTED_PATH.test(module)) {
    const file = await dottedFile(module, project);
    if (file !== null) return file;
  }
  return PACKAGE.test(module) ? packageUrl(module, project) : null;
}

async function dottedFile(module: string, project: ProjectDirectories): Promise<string | null> {
  const path = module.replaceAll('.', sep);
  for (const directory of [project.configDir, project.workspaceRoot]) {
    for (const ending of FILE_ENDINGS) {
      const url = await fileUrl(join(directory, `${path}${ending}`), project);
      if (url !== null) return url;
    }
  }
  return null;
}

/** `null` when there is no such file, or it really lies outside the project. */
async function fileUrl(path: string, project: ProjectDirectories): Promise<string | null> {
  if (!(await isFile(path))) return null;
  const real = await realpath(path);
  const areas = await Promise.all([realpath(project.configDir), realpath(project.workspaceRoot)]);
  return areas.some((area) => namesBelow(area, real) !== null) ? pathToFileURL(real).href : null;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function packageUrl(module: string, { configDir }: ProjectDirectories): string | null {
  const require = createRequire(join(configDir, 'tools.yaml'));
  try {
    const found = require.resolve(module);
    return isAbsolute(found) ? pathToFileURL(found).href : null;
  } catch (error) {
    if (errnoOf(error) === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function unresolved(entrypoint: string, reason: string): Outcome<never> {
  return failure({
    error_id: 'tool_entrypoint_unresolved',
    code: 'config',
    message: `entrypoint "${entrypoint}" ${reason}`,
    source: 'config_loader',
  });
}
