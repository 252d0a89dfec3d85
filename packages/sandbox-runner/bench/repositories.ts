import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';

const FILES_A_FOLDER = 100;
const SETTINGS = ['gc.auto=0', 'maintenance.auto=false', 'user.name=bench', 'user.email=bench@localhost'];

/** A repository to make sandboxes from. */
export interface BenchRepository {
  readonly path: string;
  readonly commit: CommitSha;
  /** Changes one file and commits. */
  readonly change: (run: number) => CommitSha;
}

/** The project the demo builds, with its files as they are. */
export function createVoxelCraft(folder: string): BenchRepository {
  const project = join(import.meta.dirname, '../../../target-repo');
  const filter = (from: string) => !from.endsWith('node_modules');
  const path = join(folder, 'voxelcraft');
  return create(path, () => cpSync(project, path, { recursive: true, filter }), 'changed.txt');
}

/** A repository of so many small files. */
export function createBigRepository(folder: string, files: number): BenchRepository {
  const path = join(folder, 'big');
  const fill = () => {
    for (let index = 0; index < files; index++) {
      const parent = join(path, `folder-${Math.floor(index / FILES_A_FOLDER)}`);
      if (index % FILES_A_FOLDER === 0) mkdirSync(parent);
      writeFileSync(join(parent, `file-${index}.txt`), `file ${index}\n`);
    }
  };
  return create(path, fill, join('folder-0', 'file-0.txt'));
}

function create(path: string, fill: () => void, changed: string): BenchRepository {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, ...SETTINGS.flatMap((setting) => ['-c', setting]), ...args], {
      encoding: 'utf8',
    }).trim();
  const commit = () => {
    git('add', '-A');
    git('commit', '-q', '-m', 'change');
    return CommitShaSchema.parse(git('rev-parse', 'HEAD'));
  };
  mkdirSync(path);
  git('init', '-q', '-b', 'main');
  fill();
  const first = commit();
  git('repack', '-adq');
  return {
    path,
    commit: first,
    change: (run) => {
      writeFileSync(join(path, changed), `changed ${run}\n`);
      return commit();
    },
  };
}
