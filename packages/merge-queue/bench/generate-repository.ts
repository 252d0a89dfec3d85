import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { gitIn } from './git-in.ts';

/** Figures of the repository every arm works on. */
export const SHAPE = {
  files: 45_000,
  /** Log-normal, in bytes. */
  fileSize: { median: 4096, sigma: 0.8, max: 65_536 },
  hotFiles: 4,
  hotFileBytes: 200_000,
  realisticBranches: 200,
  disjointBranches: 4096,
} as const;

/** Mulberry32: the same seed gives the same repository everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Plan {
  readonly random: () => number;
  readonly paths: readonly string[];
  readonly sizes: readonly number[];
}

/**
 * Writes a bare repository with `main`, `realistic/*` (files per branch: median 1, mean about 2.5, at
 * most 70; one in ten also edits a hot file) and `disjoint/*` (each one file of its own).
 */
export async function generateRepository(folder: string, seed: number): Promise<string> {
  const repository = join(folder, 'origin.git');
  gitIn(folder, 'init', '-q', '--bare', '-b', 'main', repository);
  const child = spawn('git', ['-c', 'core.compression=1', 'fast-import', '--quiet'], {
    cwd: repository,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const write = async (text: string) => {
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  };
  const plan = planFiles(seed);
  await writeMain(plan, write);
  for (let index = 0; index < SHAPE.realisticBranches; index += 1) {
    await writeBranch(`realistic/${pad(index)}`, realisticEdits(plan), { plan, write });
  }
  for (let index = 0; index < SHAPE.disjointBranches; index += 1) {
    await writeBranch(`disjoint/${pad(index)}`, [SHAPE.hotFiles + index], { plan, write });
  }
  child.stdin.end('done\n');
  await once(child, 'close');
  return repository;
}

function planFiles(seed: number): Plan {
  const random = randomFrom(seed);
  const { files, hotFiles, hotFileBytes, fileSize } = SHAPE;
  const paths = Array.from({ length: files }, (_, index) =>
    index < hotFiles ? `hot/list-${index}.txt` : `src/d${index % 37}/e${index % 211}/f${index}.txt`,
  );
  const sizes = paths.map((_, index) =>
    index < hotFiles
      ? hotFileBytes
      : Math.min(fileSize.max, Math.round(fileSize.median * Math.exp(fileSize.sigma * normal(random)))),
  );
  return { random, paths, sizes };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The text of a file, with some of its lines edited. */
function contentOf(index: number, bytes: number, edits: ReadonlyMap<number, string>): string {
  const lines = Math.max(1, Math.round(bytes / 40));
  let text = '';
  for (let line = 0; line < lines; line += 1) {
    text += edits.get(line) ?? `file ${index} line ${line} ${(index * 2654435761 + line * 40503) >>> 0}\n`;
  }
  return text;
}

async function writeMain({ paths, sizes }: Plan, write: (text: string) => Promise<void>): Promise<void> {
  await write(commitHead('main'));
  for (const [index, path] of paths.entries()) {
    const content = contentOf(index, sizes[index] ?? 0, new Map());
    await write(`M 100644 inline ${path}\ndata ${content.length}\n${content}\n`);
  }
}

function realisticEdits({ random, paths }: Plan): readonly number[] {
  const share = random();
  const count =
    share < 0.6
      ? 1
      : share < 0.8
        ? 2
        : share < 0.94
          ? 3 + Math.floor(random() * 3)
          : share < 0.99
            ? 6 + Math.floor(random() * 7)
            : 13 + Math.floor(random() * 58);
  const cold = () => SHAPE.hotFiles + Math.floor(random() ** 2 * (paths.length - SHAPE.hotFiles));
  const edits = Array.from({ length: count }, cold);
  return random() < 0.1 ? [...edits, Math.floor(random() * SHAPE.hotFiles)] : edits;
}

async function writeBranch(
  name: string,
  files: readonly number[],
  { plan, write }: { readonly plan: Plan; readonly write: (text: string) => Promise<void> },
): Promise<void> {
  await write(`${commitHead(name)}from refs/heads/main\n`);
  for (const index of new Set(files)) {
    const bytes = plan.sizes[index] ?? 0;
    const line = Math.floor(plan.random() * Math.max(1, Math.round(bytes / 40)));
    const content = contentOf(index, bytes, new Map([[line, `edited by ${name}\n`]]));
    await write(`M 100644 inline ${plan.paths[index]}\ndata ${content.length}\n${content}\n`);
  }
}

function commitHead(branch: string): string {
  return `commit refs/heads/${branch}\ncommitter Bench <bench@example.invalid> 1700000000 +0000\ndata ${branch.length}\n${branch}\n`;
}

function pad(index: number): string {
  return String(index).padStart(5, '0');
}
