import { createBudget, memoryBudgetStore, openBudgetFile, type BudgetStore } from '@agentswarm/llm-client';
import { runBudgetStoreSuite } from '@agentswarm/llm-client/testing';
import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startFixture } from './fixture-process.ts';

async function createTempFolder() {
  const path = await mkdtemp(join(tmpdir(), 'budget-'));
  return {
    path,
    file: join(path, 'budget.jsonl'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

let suiteFolder: Awaited<ReturnType<typeof createTempFolder>> | undefined;
runBudgetStoreSuite({
  name: 'file',
  async create() {
    suiteFolder = await createTempFolder();
    return openBudgetFile(suiteFolder.file);
  },
  reopen: () => openBudgetFile(suiteFolder?.file ?? ''),
  cleanup: async () => suiteFolder?.[Symbol.asyncDispose](),
});

let lastMemory: BudgetStore | undefined;
runBudgetStoreSuite({
  name: 'memory',
  create: () => (lastMemory = memoryBudgetStore()),
  reopen: async () => (lastMemory = memoryBudgetStore(await lastMemory?.read())),
});

const LINE = '{"type":"reserved","id":"r1","provider":"p","nanoUsd":5,"tokens":7}\n';
const entry = (id: string) => ({ type: 'reserved', id, provider: 'p', nanoUsd: 5, tokens: 7 }) as const;

it.each(['{"type":"res', LINE.trimEnd(), '\0\0\0', ''])(
  'removes a last line that was cut: %j',
  async (tail) => {
    await using folder = await createTempFolder();
    await writeFile(folder.file, LINE + tail);
    const store = await openBudgetFile(folder.file);
    expect(await store.read()).toEqual([entry('r1')]);
    await store.append(entry('r2'));
    await store.close();
    expect(await readFile(folder.file, 'utf8')).toBe(LINE + LINE.replace('r1', 'r2'));
  },
);

it.each([
  ['is not JSON', 'nonsense\n', 2],
  ['is blank', '\n', 2],
  ['has a kind nobody knows', '{"type":"refunded","id":"r1","nanoUsd":5,"tokens":7}\n', 2],
  ['has a sum nobody can owe', LINE.replace('5', '-5'), 2],
  ['has another number', `${LINE.replace('r1', 'r2')}${LINE.replace('7', '7.5')}`, 3],
])('refuses a file in which a line %s, and leaves it as it is', async (_, lines, line) => {
  await using folder = await createTempFolder();
  const content = `${LINE}${lines}${LINE}{"cut`;
  await writeFile(folder.file, content);
  await expect(openBudgetFile(folder.file)).rejects.toMatchObject({
    code: 'BUDGET_UNREADABLE',
    details: { path: folder.file, line },
  });
  expect(await readFile(folder.file, 'utf8')).toBe(content);
  expect(await readdir(folder.path)).toEqual(['budget.jsonl']);
});

it('refuses a line that is not UTF-8', async () => {
  await using folder = await createTempFolder();
  await writeFile(folder.file, LINE);
  await appendFile(folder.file, Buffer.concat([Buffer.from('{"'), Buffer.from([0xff]), Buffer.from('"}\n')]));
  await expect(openBudgetFile(folder.file)).rejects.toMatchObject({
    code: 'BUDGET_UNREADABLE',
    details: { line: 2 },
  });
});

it('gives the file back when its entries contradict each other', async () => {
  await using folder = await createTempFolder();
  await writeFile(folder.file, LINE + LINE);
  const store = await openBudgetFile(folder.file);
  await expect(createBudget({ store })).rejects.toMatchObject({ code: 'BUDGET_UNREADABLE' });
  expect(await readdir(folder.path)).toEqual(['budget.jsonl']);
});

it('is nobody else’s to read, and needs its folder', async () => {
  await using folder = await createTempFolder();
  const store = await openBudgetFile(folder.file);
  expect((await stat(folder.file)).mode & 0o777).toBe(0o600);
  await store.close();
  await expect(openBudgetFile(join(folder.path, 'missing', 'budget.jsonl'))).rejects.toMatchObject({
    code: 'BUDGET_UNWRITABLE',
    cause: { code: 'ENOENT' },
  });
});

it('has one writer at a time in a process', async () => {
  await using folder = await createTempFolder();
  const first = await openBudgetFile(folder.file);
  const refused = { code: 'BUDGET_UNWRITABLE', details: { path: folder.file } };
  await expect(openBudgetFile(folder.file)).rejects.toMatchObject(refused);
  await first.append(entry('r1'));
  await first.close();
  const second = await openBudgetFile(folder.file);
  expect(await second.read()).toEqual([entry('r1')]);
  await second.close();
  expect(await readdir(folder.path)).toEqual(['budget.jsonl']);
});

it('takes over from a process that died, also one of its own number, not from another host', async () => {
  await using folder = await createTempFolder();
  // A process that has ended for sure.
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (const owner of [pid, process.pid]) await writeFile(`${folder.file}.lock.${hostname()}.${owner}`, '');
  const store = await openBudgetFile(folder.file);
  expect(await readdir(folder.path)).toEqual([
    'budget.jsonl',
    `budget.jsonl.lock.${hostname()}.${process.pid}`,
  ]);
  await store.close();

  const elsewhere = `${folder.file}.lock.another.host.${pid}`;
  await writeFile(elsewhere, '');
  await expect(openBudgetFile(folder.file)).rejects.toMatchObject({ details: { holder: elsewhere } });
  expect(await readdir(folder.path)).toEqual(['budget.jsonl', `budget.jsonl.lock.another.host.${pid}`]);
});

it.each([1, 2, 3])('keeps every acknowledged reservation of a process that is killed (%i)', async () => {
  await using folder = await createTempFolder();
  const reserved: string[] = [];
  const settled: string[] = [];
  const note = (line: string) =>
    line.startsWith('settled ') ? settled.push(line.slice('settled '.length)) : reserved.push(line);
  {
    await using writer = startFixture('reserve-forever', folder.file);
    while (reserved.length < 400) note((await writer.lines.next()).value as string);
    await expect(openBudgetFile(folder.file)).rejects.toMatchObject({ code: 'BUDGET_UNWRITABLE' });
    writer.kill();
    expect(await writer.exited).toBe('SIGKILL');
    for await (const line of { [Symbol.asyncIterator]: () => writer.lines }) note(line);
  }
  const store = await openBudgetFile(folder.file);
  const entries = await store.read();
  const idsOf = (type: string) =>
    new Set(entries.flatMap((each) => (each.type === type && 'id' in each ? [each.id] : [])));
  expect(new Set(reserved).difference(idsOf('reserved'))).toEqual(new Set());
  expect(new Set(settled).difference(idsOf('settled'))).toEqual(new Set());

  await using budget = await createBudget({ store });
  const counts = { reserved: idsOf('reserved').size, settled: idsOf('settled').size };
  expect(budget.status().spent.tokens).toBe(counts.reserved * 1_000 - counts.settled * 500);
  expect(budget.status().spent.tokens).toBeLessThanOrEqual(3_000_000);
});

it('stays under its cap over several processes that are killed', async () => {
  await using folder = await createTempFolder();
  let codes: string[] = [];
  while (!codes.includes('BUDGET_EXHAUSTED')) {
    codes = [];
    await using writer = startFixture('reserve-forever', folder.file);
    for await (const line of { [Symbol.asyncIterator]: () => writer.lines }) {
      codes.push(line);
      if (codes.length === 1_000) writer.kill();
    }
    await writer.exited;
  }
  await using budget = await createBudget({ store: await openBudgetFile(folder.file) });
  const { usd } = budget.status().spent;
  expect(usd).toBeLessThanOrEqual(3);
  // Less than one call is left.
  expect(usd).toBeGreaterThan(2.999);
});

const BUBBLEWRAP: string = 'bwrap';

/** Runs a command that sees `folder` as an empty file system of 1 MiB. */
function runOnSmallDisk(folder: string, command: readonly string[]) {
  const mounts = ['--dev-bind', '/', '/', '--size', String(1024 * 1024), '--tmpfs', folder];
  return spawnSync(BUBBLEWRAP, [...mounts, ...command], { encoding: 'utf8' });
}

it('spends nothing once the disk is really full, and goes on from there', async (context) => {
  if (runOnSmallDisk('/tmp', ['true']).status !== 0) context.skip('bwrap cannot mount a small disk here');
  await using folder = await createTempFolder();
  const script = fileURLToPath(new URL('./fixtures/fill-disk.ts', import.meta.url));
  const run = runOnSmallDisk(folder.path, [
    process.execPath,
    '--conditions=@agentswarm/source',
    script,
    folder.path,
  ]);
  expect(run.stderr).toBe('');
  const result = JSON.parse(run.stdout) as { acknowledged: number };
  expect(result.acknowledged).toBeGreaterThan(100);
  expect(result).toEqual({
    acknowledged: result.acknowledged,
    whenFull: 'BUDGET_UNWRITABLE',
    withRoom: 'BUDGET_UNWRITABLE',
    resumed: result.acknowledged,
  });
});
