import {
  AggregateManifestError,
  CliError,
  DAGValidationError,
  ManifestLoadError,
  SchemaValidationError,
} from '../../src/engine/errors.ts';
import { loadManifests } from '../../src/engine/manifests/load-manifests.ts';
import type { LoadOptions } from '../../src/engine/manifests/parse-files.ts';
import { createConfigDirectory, type FileContent } from './config-directory.ts';

/** What an error of loading says to programs: class, file, place; and to people. */
export interface LoadProblem {
  readonly type: string;
  readonly file: string;
  readonly at: string | null;
  readonly message: string;
}

/** Loads a directory with these files and lists everything that is wrong with it; nothing when it loads. */
export async function problemsOf(
  files: Readonly<Record<string, FileContent>>,
  options: LoadOptions = {},
): Promise<readonly LoadProblem[]> {
  await using directory = await createConfigDirectory(files);
  return await problemsAt(directory.path, options);
}

export async function problemsAt(path: string, options: LoadOptions = {}): Promise<readonly LoadProblem[]> {
  try {
    await loadManifests(path, options);
    return [];
  } catch (error) {
    return problemsIn(error);
  }
}

/** What an error of loading consists of. Anything else is thrown on. */
export function problemsIn(error: unknown): readonly LoadProblem[] {
  return error instanceof AggregateManifestError ? error.errors.map(problemOf) : [problemOf(error)];
}

function problemOf(error: unknown): LoadProblem {
  if (error instanceof ManifestLoadError || error instanceof SchemaValidationError) {
    return { type: error.name, file: error.fileName, at: error.fieldPath, message: error.message };
  }
  if (error instanceof DAGValidationError) {
    return { type: error.name, file: error.fileName, at: error.nodeId, message: error.message };
  }
  if (error instanceof CliError) {
    const { file_name: file, field_path: at } = error.details;
    return {
      type: error.name,
      file: String(file),
      at: typeof at === 'string' ? at : null,
      message: error.message,
    };
  }
  throw error;
}
