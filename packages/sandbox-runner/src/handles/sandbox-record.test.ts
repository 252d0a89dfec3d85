import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createSandboxRecords, isOwnerAlive } from './sandbox-record.ts';

const root = mkdtempSync(join(tmpdir(), 'sandbox-records-'));
afterAll(() => rmSync(root, { recursive: true }));
const freshFolder = () => mkdtempSync(join(root, 'folder-'));
const RUNS = process.env['TEST_DEEP'] === undefined ? 40 : 1_000;
const LABELS = { run: 'run-1', purpose: 'attempt', task: 'task' } as const;

test('keeps what it is told, as this process owns it', async () => {
  const folder = freshFolder();
  const records = createSandboxRecords(folder);
  const handle = await records.write('sbx-1', LABELS);
  const record = await records.find('sbx-1');
  expect(record).toMatchObject({ id: 'sbx-1', labels: LABELS, owner: { pid: process.pid, handle } });
  expect(record && (await isOwnerAlive(record))).toBe(true);
  expect(await records.read(() => undefined)).toEqual([record]);
  await records.remove('sbx-1');
  expect(await records.find('sbx-1')).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('loses no change of many that are made at once, and leaves one file', async () => {
  const changes = fc.integer({ min: 1, max: 12 });
  await fc.assert(
    fc.asyncProperty(changes, async (count) => {
      const folder = freshFolder();
      // As many processes would, each with its own view of the folder.
      const writers = Array.from({ length: count }, () => createSandboxRecords(folder));
      await writers[0]?.write('sbx-1', LABELS);
      const changed = await Promise.all(
        writers.map((records) =>
          records.change('sbx-1', (record) => ({ ...record, createdAtMs: record.createdAtMs + 1 })),
        ),
      );
      const times = changed.map((record) => record?.createdAtMs ?? 0).toSorted((a, b) => a - b);
      const [first = 0] = times;
      expect(times).toEqual(Array.from({ length: count }, (_, index) => first + index));
      expect(readdirSync(folder)).toEqual([`sbx-1.${count + 1}.json`]);
    }),
    { numRuns: RUNS },
  );
});

test('brings no record back that is removed meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), async (count) => {
      const folder = freshFolder();
      const records = createSandboxRecords(folder);
      await records.write('sbx-1', LABELS);
      const changing = Array.from({ length: count }, () =>
        records.change('sbx-1', (record) => ({ ...record, createdAtMs: 1 })),
      );
      await Promise.all([...changing, records.remove('sbx-1')]);
      await records.remove('sbx-1');
      expect(await records.find('sbx-1')).toBeUndefined();
      expect(readdirSync(folder)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('names the records it cannot read, and reads the others', async () => {
  const folder = freshFolder();
  const records = createSandboxRecords(folder);
  await records.write('sbx-good', LABELS);
  writeFileSync(join(folder, 'sbx-broken.1.json'), '{');
  writeFileSync(join(folder, 'sbx-newer.1.json'), '{"v":3}');
  const unreadable: string[] = [];
  expect(await records.read((id) => unreadable.push(id))).toMatchObject([{ id: 'sbx-good' }]);
  expect(unreadable.toSorted()).toEqual(['sbx-broken', 'sbx-newer']);
});
