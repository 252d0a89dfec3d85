import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxLabels } from '@agentswarm/core';
import { z } from 'zod';
import { errnoOf } from '../errors.ts';
import { readProcessStart } from '../process/process-table.ts';

const SandboxRecordSchema = z.strictObject({
  v: z.literal(1),
  id: z.string().regex(/^[a-z0-9-]+$/),
  labels: z.strictObject({
    run: z.string(),
    purpose: z.enum(['attempt', 'gate', 'dependencies', 'command']),
    task: z.string().exactOptional(),
    attempt: z.string().exactOptional(),
  }),
  /** Process that made the sandbox and ends it. */
  owner: z.strictObject({ pid: z.int().positive(), start: z.string() }),
});

/** What is left of a sandbox when its process dies: enough to find and end it. */
export type SandboxRecord = z.infer<typeof SandboxRecordSchema>;

/** The records of one folder of sandboxes: `<id>.json` beside the folder `<id>`. */
export interface SandboxRecords {
  readonly folderOf: (id: string) => string;
  write(id: string, labels: SandboxLabels): Promise<void>;
  /** Readable records; `unreadable` hears of the others. */
  read(unreadable: (name: string, cause: unknown) => void): Promise<SandboxRecord[]>;
  /** Forgets a sandbox, once its folder is gone. */
  remove(id: string): Promise<void>;
}

export function createSandboxRecords(folder: string): SandboxRecords {
  const fileOf = (id: string) => join(folder, `${id}.json`);
  return {
    folderOf: (id) => join(folder, id),
    write: async (id, labels) => {
      const start = (await readProcessStart(process.pid)) ?? '';
      const record: SandboxRecord = { v: 1, id, labels: { ...labels }, owner: { pid: process.pid, start } };
      await mkdir(folder, { recursive: true });
      await writeFile(`${fileOf(id)}.new`, JSON.stringify(record));
      await rename(`${fileOf(id)}.new`, fileOf(id));
    },
    read: async (unreadable) => {
      const names = (await readdir(folder).catch(emptyWhenMissing)).filter((name) => name.endsWith('.json'));
      const records = await Promise.all(names.map((name) => readRecord(join(folder, name), unreadable)));
      return records.filter((record) => record !== undefined);
    },
    remove: (id) => rm(fileOf(id), { force: true }),
  };
}

async function readRecord(
  file: string,
  unreadable: (name: string, cause: unknown) => void,
): Promise<SandboxRecord | undefined> {
  try {
    return SandboxRecordSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    // A sandbox may be removed by its owner while the folder is read.
    if (errnoOf(error) !== 'ENOENT') unreadable(file, error);
    return undefined;
  }
}

function emptyWhenMissing(error: unknown): string[] {
  if (errnoOf(error) === 'ENOENT') return [];
  throw error;
}

/** Whether the process that made a sandbox still runs; a reused process id does not count. */
export async function isOwnerAlive(record: SandboxRecord): Promise<boolean> {
  return (await readProcessStart(record.owner.pid)) === record.owner.start;
}

/** Whether `labels` has everything that `wanted` asks for. */
export function matchesLabels(labels: SandboxLabels, wanted: Partial<SandboxLabels>): boolean {
  return Object.entries(wanted).every(
    ([name, value]: [string, string | undefined]) =>
      value === undefined || labels[name as keyof SandboxLabels] === value,
  );
}
