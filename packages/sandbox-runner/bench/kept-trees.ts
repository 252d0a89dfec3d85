/**
 * What a sandbox for one gate run costs, from creating it to its removal, with a checkout of its own and
 * with a kept tree: `node --conditions=@agentswarm/source packages/sandbox-runner/bench/kept-trees.ts [files] [runs]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { createLocalBackend } from '@agentswarm/sandbox-runner';

const [files = 45_000, runs = 11] = process.argv.slice(2).map(Number);
const FILES_A_FOLDER = 100;
const CHANGED_A_COMMIT = 3;
const folder = mkdtempSync(join(tmpdir(), 'agentswarm-bench-'));
const repository = join(folder, 'repository');

const git = (...args: string[]) =>
  execFileSync(
    'git',
    [
      '-C',
      repository,
      '-c',
      'gc.auto=0',
      '-c',
      'maintenance.auto=false',
      '-c',
      'user.name=bench',
      '-c',
      'user.email=bench@localhost',
      ...args,
    ],
    {
      encoding: 'utf8',
    },
  ).trim();
const pathOf = (index: number) => join(`d${Math.floor(index / FILES_A_FOLDER)}`, `f${index}.txt`);
function commit() {
  git('add', '-A');
  git('commit', '-q', '-m', 'change');
  return CommitShaSchema.parse(git('rev-parse', 'HEAD'));
}

mkdirSync(repository);
git('init', '-q', '-b', 'main');
for (let index = 0; index < files; index++) {
  if (index % FILES_A_FOLDER === 0) mkdirSync(join(repository, pathOf(index), '..'));
  writeFileSync(join(repository, pathOf(index)), `file ${index}\n`);
}
const commits = [commit()];
for (let run = 1; run < runs; run++) {
  for (let changed = 0; changed < CHANGED_A_COMMIT; changed++) {
    writeFileSync(join(repository, pathOf((run * 7919 + changed * 104_729) % files)), `changed ${run}\n`);
  }
  commits.push(commit());
}
git('repack', '-adq');

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
for (const keptTree of [false, true]) {
  await using backend = createLocalBackend({
    root: join(folder, `root-${keptTree}`),
    isolation: 'auto',
    runtime: { readOnlyPaths: [], nodePath: process.execPath },
  });
  const times: Record<'create' | 'command' | 'remove', number[]> = { create: [], command: [], remove: [] };
  for (const sha of commits) {
    const source = { repository, commit: sha, branch: BranchNameSchema.parse('gate/bench') };
    const start = performance.now();
    const sandbox = await backend.create({
      labels: { run: 'bench', purpose: 'gate' },
      source,
      checkout: keptTree ? 'overlay' : 'own',
    });
    const created = performance.now();
    await sandbox.exec({ command: ['true'] }).result;
    const ran = performance.now();
    await sandbox.terminate();
    times.create.push(created - start);
    times.command.push(ran - created);
    times.remove.push(performance.now() - ran);
  }
  const first = Math.round(times.create[0] ?? 0);
  const medians = Object.entries(times).map(
    ([name, values]) => `${name} ${Math.round(median(values.slice(1)))}`,
  );
  console.log(
    `${keptTree ? 'kept tree   ' : 'own checkout'}: first create ${first} ms; then ${medians.join(', ')} ms (median of ${runs - 1})`,
  );
}
rmSync(folder, { recursive: true });
