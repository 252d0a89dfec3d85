import { toSwarmError } from '@agentswarm/core';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Refusal } from '../refusal.ts';

/** Of one file. Written by hand nothing comes near it, and a YAML text of this size parses in seconds at worst. */
const MAX_FILE_BYTES = 512 * 1024;
/** Of all files together. */
const MAX_TOTAL_BYTES = 8 * 1024 * 1024;
const MAX_SCHEMA_FILES = 500;

/** A file of the configuration directory: its text, or why there is none. */
export interface SourceFile {
  /** `workflow.yaml`, `schemas/doc.json`. */
  readonly name: string;
  readonly text: string;
  readonly problem: string | null;
  /** SHA-256 (hex) of the raw bytes; `null` when they were not read. */
  readonly sha256: string | null;
}

/** What a configuration directory holds, as far as the engine knows the names. Missing files are absent. */
export interface ConfigDirectory {
  /** Absolute, with links resolved. */
  readonly path: string;
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly schemas: SchemaFiles;
  /** Names at the top level, sorted. */
  readonly entries: readonly string[];
}

/** What is under `schemas/`, sorted by name. */
export interface SchemaFiles {
  readonly files: readonly SourceFile[];
  /** Names that are no JSON or YAML; hidden ones are not mentioned. */
  readonly ignored: readonly string[];
  /** Why the directory could not be read. */
  readonly problem: string | null;
}

/**
 * Reads the named files and `schemas/*` and nothing else: regular files only, each within its own directory after
 * links are resolved, so that a link cannot make the engine read what is outside.
 *
 * @throws {SwarmError} of the file system when the directory itself cannot be listed.
 */
export async function readConfigDirectory(
  configDir: string,
  names: readonly string[],
): Promise<ConfigDirectory> {
  const path = await realpath(configDir);
  const entries = (await readdir(path)).sort();
  const budget = { bytes: MAX_TOTAL_BYTES };
  const files = new Map<string, SourceFile>();
  for (const name of names.filter((known) => entries.includes(known))) {
    files.set(name, await readSource({ directory: path, name, label: name }, budget));
  }
  const schemas = entries.includes('schemas') ? await readSchemas(path, budget) : NO_SCHEMAS;
  return { path, files, schemas, entries };
}

interface Place {
  readonly directory: string;
  readonly name: string;
  readonly label: string;
}

interface Budget {
  bytes: number;
}

const SCHEMA_FILE = /\.(json|yaml|yml)$/;
const NO_SCHEMAS: SchemaFiles = { files: [], ignored: [], problem: null };

async function readSchemas(path: string, budget: Budget): Promise<SchemaFiles> {
  try {
    const directory = await insideOf(path, 'schemas');
    const visible = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
    const named = visible.filter((name) => SCHEMA_FILE.test(name));
    const ignored = visible.filter((name) => !SCHEMA_FILE.test(name));
    if (named.length > MAX_SCHEMA_FILES) throw new Refusal(`more than ${MAX_SCHEMA_FILES} files`);
    const files: SourceFile[] = [];
    for (const name of named) {
      files.push(await readSource({ directory, name, label: `schemas/${name}` }, budget));
    }
    return { files, ignored, problem: null };
  } catch (error) {
    return { ...NO_SCHEMAS, problem: toSwarmError(error).message };
  }
}

async function readSource(place: Place, budget: Budget): Promise<SourceFile> {
  try {
    const bytes = await readBytes(await insideOf(place.directory, place.name), budget);
    return textOf(place.label, bytes);
  } catch (error) {
    return { name: place.label, text: '', problem: toSwarmError(error).message, sha256: null };
  }
}

async function insideOf(directory: string, name: string): Promise<string> {
  const path = await realpath(join(directory, name));
  const way = relative(directory, path);
  if (way === '..' || way.startsWith(`..${sep}`))
    throw new Refusal('is a link that leads outside its directory');
  return path;
}

async function readBytes(path: string, budget: Budget): Promise<Buffer> {
  // A pipe would otherwise wait for a writer.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = await file.stat();
  if (!status.isFile()) throw new Refusal('is not a regular file');
  const buffer = Buffer.alloc(Math.min(status.size, MAX_FILE_BYTES) + 1);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  if (status.size > MAX_FILE_BYTES || bytesRead > MAX_FILE_BYTES) {
    throw new Refusal(`is larger than ${MAX_FILE_BYTES} bytes`);
  }
  budget.bytes -= bytesRead;
  if (budget.bytes < 0) throw new Refusal(`the files together are larger than ${MAX_TOTAL_BYTES} bytes`);
  return buffer.subarray(0, bytesRead);
}

function textOf(name: string, bytes: Buffer): SourceFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { name, text, problem: null, sha256 };
  } catch (error) {
    return { name, text: '', problem: `is not UTF-8 text: ${toSwarmError(error).message}`, sha256 };
  }
}
