import { toSwarmError } from '@agentswarm/core';
import { basename, dirname, resolve } from 'node:path';
import { AggregateManifestError, ManifestLoadError } from '../errors.ts';
import { deepFreeze } from '../model/json.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import { findDagProblems } from '../workflow/find-dag-problems.ts';
import { warnOfEvaluations } from './check-evaluations.ts';
import {
  checkAgentReferences,
  checkNodeReferences,
  checkPolicyReferences,
  checkToolReferences,
} from './check-references.ts';
import { MANIFEST_NAMES, warnOfUnusedFiles } from './manifest-names.ts';
import { parseFiles, type LoadOptions, type ParsedFiles } from './parse-files.ts';
import { parseSchemas, type ParsedSchemas } from './parse-schemas.ts';
import { readConfigDirectory, type ConfigDirectory } from './read-directory.ts';

/** A configuration directory, and what in it is odd without being wrong. */
export interface LoadedManifests {
  /** Deeply frozen. */
  readonly manifests: ManifestSet;
  /** In the order of the files. */
  readonly warnings: readonly string[];
}

/**
 * Reads a configuration directory, checks everything in it and fills in every default. Executes nothing and writes
 * nothing.
 *
 * @throws {ManifestLoadError | SchemaValidationError | DAGValidationError | CliError} when one thing is wrong.
 * @throws {AggregateManifestError} when several things are: all of them, with file and path.
 */
export async function loadManifests(configDir: string, options: LoadOptions = {}): Promise<LoadedManifests> {
  const directory = await readExisting(configDir);
  const workspaceRoot = resolve(options.workspaceRoot ?? dirname(directory.path));
  const files = parseFiles(directory, { ...options, workspaceRoot });
  const schemas = parseSchemas(directory.schemas);
  const errors = [...files.errors, ...crossErrors(files, schemas), ...schemas.errors];
  const [first] = errors;
  if (first !== undefined) throw errors.length === 1 ? first : new AggregateManifestError(errors);
  const manifests = { ...files.manifests, config_dir: directory.path, schemas: schemas.schemas };
  return {
    manifests: deepFreeze({ ...manifests, file_hashes: hashesOf(directory) }),
    warnings: [
      ...files.warnings,
      ...warnOfEvaluations(files.manifests.suites, files.known, schemas),
      ...schemas.warnings,
      ...warnOfUnusedFiles(directory.entries),
    ],
  };
}

async function readExisting(configDir: string): Promise<ConfigDirectory> {
  try {
    return await readConfigDirectory(configDir, MANIFEST_NAMES);
  } catch (error) {
    throw new ManifestLoadError(
      basename(configDir),
      `not a readable directory: ${toSwarmError(error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** What is wrong between files rather than in one. */
function crossErrors({ manifests, known, unreadable }: ParsedFiles, schemas: ParsedSchemas) {
  return [
    ...checkNodeReferences(manifests.workflow.nodes, known, schemas),
    ...(unreadable === null ? [] : findDagProblems(manifests.workflow, unreadable)),
    ...checkAgentReferences(manifests.agents, known),
    ...checkToolReferences(manifests.tools, schemas),
    ...checkPolicyReferences(manifests.policies, known),
  ];
}

function hashesOf({ files, schemas }: ConfigDirectory): Readonly<Record<string, string>> {
  const all = [...files.values(), ...schemas.files];
  return Object.fromEntries(all.flatMap(({ name, sha256 }) => (sha256 === null ? [] : [[name, sha256]])));
}
