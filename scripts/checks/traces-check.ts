import { basename } from 'node:path';
import { fromProblems } from './check.ts';
import type { Check } from './check.ts';
import { readTrackedFiles } from './tracked-files.ts';
import type { TrackedFile } from './tracked-files.ts';

const MACHINE_PATH = /(?<![\w.~-])(\/(home|Users)\/(?!user\b|agent\b)\w+|\/root\/[.\w]+|[A-Z]:\\Users\\)/;
/** Registries serve packages from hosts called so; an address in a setting is one whatever it is called. */
const REGISTRY_HOST = /\bhttps?:\/\/(registry|packages|npm|pypi)\.[\w-]+|^\s*(@[\w-]+:)?registry\s*=/;

const LOCKFILES = new Set([
  'pnpm-lock.yaml',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'uv.lock',
  'poetry.lock',
  'requirements.txt',
]);
const DOWNLOAD_ADDRESS =
  /"resolved":\s*"https?:|\bresolved\s+"https?:|\btarball:\s*['"]?https?:|\burl\s*=\s*"https?:|\bregistry\s*=\s*"https?:|--(extra-)?index-url/;

/** No tracked file tells where it was written: no path of a person's machine, no registry's host. */
export const tracesCheck: Check = {
  name: 'traces',
  title: 'No machine path or registry host in tracked files',
  run: (root) =>
    inspect(root, (file) => [
      ...matchingLines(file, MACHINE_PATH, 'machine path'),
      ...matchingLines(file, REGISTRY_HOST, 'registry host'),
    ]),
};

/** A lockfile pins versions and checksums; where to download from is each machine's own setting. */
export const lockfilesCheck: Check = {
  name: 'lockfiles',
  title: 'No download address in lockfiles',
  run: (root) =>
    inspect(root, (file) =>
      LOCKFILES.has(basename(file.path)) ? matchingLines(file, DOWNLOAD_ADDRESS, 'download address') : [],
    ),
};

async function inspect(root: string, problemsOf: (file: TrackedFile) => readonly string[]) {
  const files = await readTrackedFiles(root);
  if (files.length === 0) return fromProblems(['No file was inspected.']);
  return fromProblems(files.flatMap(problemsOf));
}

function matchingLines({ path, text }: TrackedFile, pattern: RegExp, what: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line) ? [`${path}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`] : [],
    );
}
