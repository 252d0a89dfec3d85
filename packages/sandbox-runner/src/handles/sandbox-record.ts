import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxLabels, SandboxSpec } from '@agentswarm/core';
import { z } from 'zod';
import { errnoOf, SandboxError } from '../errors.ts';
import { readProcessStart } from '../process/process-table.ts';
import type { SandboxSetting } from '../local/confinement.ts';

const VERSION = 2;

/** What a local sandbox was made as; its network and bounds are made anew. Secrets are not part of it. */
export interface RecordedSandbox {
  /** The means that hold it, by {@link Confinement.description}. */
  readonly isolation: string;
  readonly spec: Omit<SandboxSpec, 'labels' | 'secrets'>;
  readonly setting: Omit<SandboxSetting, 'id' | 'places' | 'network' | 'bounds'>;
}

const DeadlineSchema = z.strictObject({ epoch: z.string(), steadyMs: z.number(), atMs: z.number() });

const SandboxRecordSchema = z.strictObject({
  v: z.literal(VERSION),
  id: z.string().regex(/^[a-z0-9-]+$/),
  labels: z.strictObject({
    run: z.string(),
    purpose: z.enum(['attempt', 'gate', 'dependencies', 'command']),
    task: z.string().exactOptional(),
    attempt: z.string().exactOptional(),
  }),
  createdAtMs: z.number(),
  /** The handle that ends it, and its process; absent when it was detached. */
  owner: z.strictObject({ pid: z.int().positive(), start: z.string(), handle: z.string() }).exactOptional(),
  /** Absent until the sandbox is complete. Written by this version only, where no sandbox can write. */
  made: z.custom<object>((value) => typeof value === 'object' && value !== null).exactOptional(),
  /** Its name where it runs, once it exists there; absent where that is this machine. */
  remoteId: z.string().exactOptional(),
  /** When its wall time is over. */
  ends: DeadlineSchema.exactOptional(),
  /** When a detached one was idle for too long. */
  idleEnds: DeadlineSchema.exactOptional(),
});

/** In its file it also names its last changes, oldest first. */
const StoredRecordSchema = SandboxRecordSchema.extend({ changes: z.array(z.string()).default([]) });
type StoredRecord = z.infer<typeof StoredRecordSchema>;
/** More than can be made while who made one of them looks whether it counts. */
const REMEMBERED_CHANGES = 64;

type AnyRecord = z.infer<typeof SandboxRecordSchema>;

/** What is left of a sandbox when its process dies: enough to find, open and end it. `M` is what its backend made. */
export type SandboxRecord<M extends object = RecordedSandbox> = Omit<AnyRecord, 'made'> & {
  readonly made?: M;
};

/**
 * The records of one folder of sandboxes: `<id>.<generation>.json` beside the folder `<id>`. A change is
 * a file of the next generation, which only one process can make.
 */
export interface SandboxRecords<M extends object = RecordedSandbox> {
  readonly folderOf: (id: string) => string;
  /** Records a sandbox that is about to be made, as this process's; gives the name of its handle. */
  write(id: string, labels: SandboxLabels): Promise<string>;
  /** @throws what is wrong with a record that cannot be read. */
  find(id: string): Promise<SandboxRecord<M> | undefined>;
  /** Readable records; `unreadable` hears of the others. */
  read(unreadable: (name: string, cause: unknown) => void): Promise<SandboxRecord<M>[]>;
  /**
   * Puts what `change` makes of the record in its place, of the newest record when another process was
   * faster. Undefined when there is no record (any more), or `change` gives none.
   */
  change(id: string, change: RecordChange<M>): Promise<SandboxRecord<M> | undefined>;
  /** Forgets a sandbox, once its folder is gone. */
  remove(id: string): Promise<void>;
}

type RecordChange<M extends object> = (
  record: SandboxRecord<M>,
) => SandboxRecord<M> | undefined | Promise<SandboxRecord<M> | undefined>;

/** Contract: all who work in a folder make the same of their sandboxes. */
export function createSandboxRecords<M extends object = RecordedSandbox>(folder: string): SandboxRecords<M> {
  const asOwn = (record: AnyRecord) => record as SandboxRecord<M>;
  return {
    folderOf: (id) => join(folder, id),
    write: async (id, labels) => {
      const owner = await thisProcess();
      await mkdir(folder, { recursive: true });
      const record = { v: VERSION, id, labels: { ...labels }, createdAtMs: Date.now(), owner } as const;
      await publish(folder, { id, generation: 1 }, { ...record, changes: [] });
      return owner.handle;
    },
    find: async (id) => {
      const newest = await readNewest(folder, id);
      return newest && asOwn(newest.record);
    },
    read: async (unreadable) => {
      const ids = [...listNewest(await namesIn(folder)).keys()];
      const found = await Promise.all(
        ids.map((id) =>
          readNewest(folder, id).catch((error: unknown) => {
            unreadable(id, error);
            return undefined;
          }),
        ),
      );
      return found.flatMap((newest) => (newest === undefined ? [] : asOwn(newest.record)));
    },
    change: async (id, change) => {
      for (;;) {
        const newest = await readNewest(folder, id);
        const changed = newest && (await change(asOwn(newest.record)));
        if (newest === undefined || changed === undefined) return undefined;
        if (await replace(folder, newest, changed)) return changed;
      }
    },
    remove: async (id) => {
      const left = async () => (await namesIn(folder)).filter((name) => name.startsWith(`${id}.`));
      for (let names = await left(); names.length > 0; names = await left()) {
        for (const name of names) await rm(join(folder, name), { force: true });
      }
    },
  };
}

/** One state of a record. */
interface Generation {
  readonly id: string;
  readonly generation: number;
}

/** A state of a record as it was read. */
interface ReadGeneration extends Generation {
  readonly record: AnyRecord;
  readonly changes: readonly string[];
}

const GENERATION_NAME = /^(?<id>[a-z0-9-]+)\.(?<generation>[0-9]+)\.json$/;

function nameOf({ id, generation }: Generation): string {
  return `${id}.${generation}.json`;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(emptyWhenMissing);
}

/** The newest generation of each record. */
function listNewest(names: readonly string[]): Map<string, Generation> {
  const newest = new Map<string, Generation>();
  for (const name of names) {
    const { id, generation } = GENERATION_NAME.exec(name)?.groups ?? {};
    if (id === undefined || generation === undefined) continue;
    const number = Number(generation);
    if (number > (newest.get(id)?.generation ?? 0)) newest.set(id, { id, generation: number });
  }
  return newest;
}

/** Makes a generation, whole or not at all; false when it exists already, or all of the record is being removed. */
async function publish(folder: string, generation: Generation, record: StoredRecord): Promise<boolean> {
  const draft = join(folder, `${generation.id}.${randomBytes(8).toString('hex')}.new`);
  try {
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
    await link(draft, join(folder, nameOf(generation)));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' || errnoOf(error) === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Puts a generation after the one that was read; false when others were faster, or the record is gone. */
async function replace(folder: string, old: ReadGeneration, record: AnyRecord): Promise<boolean> {
  const next = { id: old.id, generation: old.generation + 1 };
  const change = randomBytes(8).toString('hex');
  const changes = [...old.changes, change].slice(-REMEMBERED_CHANGES);
  if (!(await publish(folder, next, { ...record, changes }))) return false;
  const counts = await doesCount(folder, { old, next, change });
  await rm(join(folder, nameOf(counts ? old : next)), { force: true });
  return counts;
}

/**
 * Whether a generation that was made is part of the record. Its number may have been free because others
 * had gone on, or the sandbox has ended: only who succeeds a generation removes it.
 */
async function doesCount(
  folder: string,
  { old, next, change }: { readonly old: Generation; readonly next: Generation; readonly change: string },
): Promise<boolean> {
  const names = await namesIn(folder);
  const newest = listNewest(names).get(next.id);
  if (newest?.generation === next.generation) return names.includes(nameOf(old));
  // Somebody went on already: from this generation, or past it.
  return (await readNewest(folder, next.id))?.changes.includes(change) === true;
}

/** Undefined when there is none (any more). */
async function readNewest(folder: string, id: string): Promise<ReadGeneration | undefined> {
  for (;;) {
    const newest = listNewest(await namesIn(folder)).get(id);
    if (newest === undefined) return undefined;
    const stored = await readRecord(folder, newest);
    if (stored === undefined) continue;
    const { changes, ...record } = stored;
    return { ...newest, record, changes };
  }
}

/** Undefined when it was replaced or removed meanwhile. */
async function readRecord(folder: string, generation: Generation): Promise<StoredRecord | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, nameOf(generation)), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  const { v } = z.looseObject({ v: z.unknown() }).parse(value);
  if (v === VERSION) return StoredRecordSchema.parse(value);
  throw new SandboxError('SANDBOX_UNSUPPORTED', `record ${nameOf(generation)} is of another version`, {
    details: { sandbox: generation.id, version: JSON.stringify(v) },
  });
}

function emptyWhenMissing(error: unknown): string[] {
  if (errnoOf(error) === 'ENOENT') return [];
  throw error;
}

/** This process as the owner of one more sandbox. */
export async function thisProcess(): Promise<NonNullable<AnyRecord['owner']>> {
  const start = (await readProcessStart(process.pid)) ?? '';
  return { pid: process.pid, start, handle: randomBytes(8).toString('hex') };
}

/** Whether a living process owns a sandbox; a reused process id does not count. */
export async function isOwnerAlive({ owner }: Pick<AnyRecord, 'owner'>): Promise<boolean> {
  return owner !== undefined && (await readProcessStart(owner.pid)) === owner.start;
}

/** Whether `labels` has everything that `wanted` asks for. */
export function matchesLabels(labels: SandboxLabels, wanted: Partial<SandboxLabels>): boolean {
  return Object.entries(wanted).every(
    ([name, value]: [string, string | undefined]) =>
      value === undefined || labels[name as keyof SandboxLabels] === value,
  );
}
