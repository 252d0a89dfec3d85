import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Package } from '../../scripts/checks/packages.ts';

const EXAMPLE = /<!-- example -->\s*```ts\n([\s\S]*?)\n```/g;

/** The runnable examples of a package's README. */
export function readExamples({ folder }: Package): readonly string[] {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  return [...readme.matchAll(EXAMPLE)].flatMap(([, example]) => example ?? []);
}

/** The packages a README tells to install. */
export function installedByReadme({ folder }: Package): readonly string[] {
  const line = /^npm install (.+)$/m.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
  return line.split(/\s+/).filter((word) => word.startsWith('@'));
}

/** A program that imports everything a package exports. */
export function importOfEveryExport({ manifest }: Package): string {
  const paths = Object.keys(manifest.exports ?? {}).filter((path) => path !== './package.json');
  return paths
    .map(
      (path, n) => `import * as entry${n} from '${manifest.name}${path.slice(1)}';\nexport { entry${n} };\n`,
    )
    .join('');
}

/** The packages a source text imports, Node's own modules and relative files left out. */
export function importedPackages(source: string): ReadonlySet<string> {
  const imported = ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
  const bare = imported.filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
  return new Set(
    bare.map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    ),
  );
}

/** Everything the built JavaScript and declarations of a package import. */
export function importsOfBuild({ folder }: Package): ReadonlySet<string> {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) throw new Error(`${folder} is not built`);
  const files = readdirSync(dist).filter((file) => /\.(js|d\.ts)$/.test(file));
  return new Set(files.flatMap((file) => [...importedPackages(readFileSync(join(dist, file), 'utf8'))]));
}
