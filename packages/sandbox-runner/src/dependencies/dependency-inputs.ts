import { createHash } from 'node:crypto';
import type { CommitSha } from '@agentswarm/core';
import { listTree, readBlob } from '@agentswarm/git';
import { z } from 'zod';
import { SandboxError } from '../errors.ts';

/** What an installation of dependencies reads, and nothing else. */
export interface DependencyInputs {
  readonly manager: 'npm' | 'pnpm';
  /** By path in the repository. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Version that the repository asks for, with pnpm. */
  readonly managerVersion?: string;
}

const JsonObjectSchema = z.record(z.string(), z.unknown());
const NpmLockSchema = z.object({
  packages: z.record(z.string(), z.object({ resolved: z.string().optional() })).default({}),
});

/** Everything of a package.json that decides what is installed; its scripts do not. */
const DEPENDENCY_SECTIONS = [
  'name',
  'version',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'resolutions',
  'workspaces',
  'pnpm',
  'packageManager',
  'bin',
];
const PNPM_FILES = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];
const NPM_FILES = ['package-lock.json', '.npmrc'];

/** Reads a commit's lockfile and what belongs to it; undefined when there is none at its root. */
export async function readDependencyInputs(
  repository: string,
  commit: CommitSha,
): Promise<DependencyInputs | undefined> {
  const tree = new Set((await listTree({ repository, commit })).map((entry) => entry.path));
  const read = async (path: string) => (await readBlob({ repository, commit, path })) ?? Buffer.alloc(0);
  if (!tree.has('package.json')) return undefined;
  if (tree.has('package-lock.json')) return readNpmInputs(tree, read);
  if (tree.has('pnpm-lock.yaml')) return readPnpmInputs(tree, read);
  return undefined;
}

type ReadContent = (path: string) => Promise<Buffer>;

async function readNpmInputs(tree: ReadonlySet<string>, read: ReadContent): Promise<DependencyInputs> {
  const lock = parseWith(NpmLockSchema, await read('package-lock.json'), 'package-lock.json');
  const local = Object.keys(lock.packages).filter((path) => !/(?:^|\/)node_modules\//.test(path));
  const manifests = ['package.json', ...local.filter(Boolean).map((path) => `${path}/package.json`)];
  const archives = Object.values(lock.packages)
    .map(({ resolved }) => resolved)
    .filter((resolved) => resolved?.startsWith('file:'))
    .map((resolved) => resolved?.slice('file:'.length) ?? '');
  return {
    manager: 'npm',
    files: await readFiles({ tree, read, manifests, others: [...NPM_FILES, ...archives] }),
  };
}

async function readPnpmInputs(tree: ReadonlySet<string>, read: ReadContent): Promise<DependencyInputs> {
  const isManifest = (path: string) => /(?:^|\/)package\.json$/.test(path) && !path.includes('node_modules/');
  const manifests = tree.has('pnpm-workspace.yaml') ? [...tree].filter(isManifest) : ['package.json'];
  const patches = [...tree].filter((path) => path.startsWith('patches/'));
  const files = await readFiles({ tree, read, manifests, others: [...PNPM_FILES, ...patches] });
  const root = parseWith(JsonObjectSchema, await read('package.json'), 'package.json');
  const wanted = root['packageManager'];
  const version = typeof wanted === 'string' ? /^pnpm@(\d+\.\d+\.\d+)/.exec(wanted)?.[1] : undefined;
  return { manager: 'pnpm', files, ...(version === undefined ? {} : { managerVersion: version }) };
}

interface FileSelection {
  readonly tree: ReadonlySet<string>;
  readonly read: ReadContent;
  /** Reduced to what matters for dependencies. */
  readonly manifests: readonly string[];
  /** Taken as they are. */
  readonly others: readonly string[];
}

async function readFiles(selection: FileSelection): Promise<Map<string, string | Uint8Array>> {
  const { tree, read } = selection;
  const files = new Map<string, string | Uint8Array>();
  for (const path of selection.manifests.filter((name) => tree.has(name))) {
    const manifest = parseWith(JsonObjectSchema, await read(path), path);
    files.set(path, reduceManifest(manifest));
  }
  for (const path of selection.others.filter((name) => tree.has(name))) files.set(path, await read(path));
  return files;
}

function reduceManifest(manifest: Readonly<Record<string, unknown>>): string {
  const kept = DEPENDENCY_SECTIONS.filter((name) => name in manifest).map((name) => [name, manifest[name]]);
  return JSON.stringify(Object.fromEntries(kept), null, 2);
}

function parseWith<Schema extends z.ZodType>(schema: Schema, content: Buffer, path: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(content.toString('utf8')));
  } catch (cause) {
    throw new SandboxError('DEPENDENCIES_FAILED', `${path} cannot be read`, { details: { path }, cause });
  }
}

/** Names what an installation of `inputs` gives on `platform`: equal keys, equal content. */
export function layerKey(inputs: DependencyInputs, platform: string): string {
  const hash = createHash('sha256').update(`${inputs.manager}\0${platform}\0`);
  for (const [path, content] of [...inputs.files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${Buffer.byteLength(content)}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}
