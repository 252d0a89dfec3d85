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
  /** Share of realistic branches that edit a hot file too, and of those the share that write its first line. */
  hotEdits: { share: 0.1, atTheTop: 1 / 3 },
  realisticBranches: 200,
  disjointBranches: 4096,
} as const;

/** Bytes of a line, its end included. */
const LINE_BYTES = 40;

/** Files of a realistic branch: up to this share of branches, from `least` to `most`. */
const FILES_PER_BRANCH = [
  { upTo: 0.6, least: 1, most: 1 },
  { upTo: 0.8, least: 2, most: 2 },
  { upTo: 0.94, least: 3, most: 5 },
  { upTo: 0.99, least: 6, most: 12 },
  { upTo: 0.995, least: 13, most: 69 },
  { upTo: 1, least: 70, most: 70 },
] as const;

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

interface Edit {
  readonly file: number;
  readonly line: number;
}

/**
 * Writes a bare repository with `main`, `realistic/*` (files per branch: median 1, mean about 2.5, at
 * most 70; one in ten also edits a hot file, where some conflict) and `disjoint/*` (each one file of its own).
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
    await writeBranch(`realistic/${pad(index)}`, realisticEdits(plan, index), { plan, write });
  }
  for (let index = 0; index < SHAPE.disjointBranches; index += 1) {
    await writeBranch(`disjoint/${pad(index)}`, [editOf(plan, SHAPE.hotFiles + index)], { plan, write });
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
  let text = '';
  for (let line = 0; line < linesIn(bytes); line += 1) {
    const words =
      edits.get(line) ?? `file ${index} line ${line} ${(index * 2654435761 + line * 40503) >>> 0}`;
    text += `${words.padEnd(LINE_BYTES - 1)}\n`;
  }
  return text;
}

function linesIn(bytes: number): number {
  return Math.max(1, Math.round(bytes / LINE_BYTES));
}

async function writeMain({ paths, sizes }: Plan, write: (text: string) => Promise<void>): Promise<void> {
  await write(commitHead('main'));
  for (const [index, path] of paths.entries()) {
    const content = contentOf(index, sizes[index] ?? 0, new Map());
    await write(`M 100644 inline ${path}\ndata ${content.length}\n${content}\n`);
  }
}

function realisticEdits(plan: Plan, index: number): readonly Edit[] {
  const { random, paths } = plan;
  const { hotFiles, hotEdits, realisticBranches } = SHAPE;
  // One share from each part of the whole, in a scattered order: the figures hold for every seed.
  const share = (((index * 61) % realisticBranches) + random()) / realisticBranches;
  const { least, most } = FILES_PER_BRANCH.find(({ upTo }) => share < upTo) ?? FILES_PER_BRANCH[0];
  const count = least + Math.floor(random() * (most - least + 1));
  const files = new Set<number>();
  while (files.size < count) files.add(hotFiles + Math.floor(random() ** 2 * (paths.length - hotFiles)));
  const edits = [...files].map((file) => editOf(plan, file));
  if (random() >= hotEdits.share) return edits;
  const hot = editOf(plan, Math.floor(random() * hotFiles));
  return [...edits, random() < hotEdits.atTheTop ? { ...hot, line: 0 } : hot];
}

function editOf({ random, sizes }: Plan, file: number): Edit {
  return { file, line: Math.floor(random() * linesIn(sizes[file] ?? 0)) };
}

async function writeBranch(
  name: string,
  edits: readonly Edit[],
  { plan, write }: { readonly plan: Plan; readonly write: (text: string) => Promise<void> },
): Promise<void> {
  await write(`${commitHead(name)}from refs/heads/main\n`);
  for (const { file, line } of edits) {
    const content = contentOf(file, plan.sizes[file] ?? 0, new Map([[line, `edited by ${name}`]]));
    await write(`M 100644 inline ${plan.paths[file]}\ndata ${content.length}\n${content}\n`);
  }
}

function commitHead(branch: string): string {
  return `commit refs/heads/${branch}\ncommitter Bench <bench@example.invalid> 1700000000 +0000\ndata ${branch.length}\n${branch}\n`;
}

function pad(index: number): string {
  return String(index).padStart(5, '0');
}
