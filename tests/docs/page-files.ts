import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../../scripts/checks/run-tool.ts';

const FILE = /<!-- file: (\S+) -->\s*```\w*\n([\s\S]*?\n)```/g;

/** The text of a page of the documentation. */
export function readPage(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** The files a page shows, by name: what follows a `<!-- file: NAME -->`; one shown twice is as shown last. */
export function filesOfPage(page: string): ReadonlyMap<string, string> {
  return new Map([...page.matchAll(FILE)].map(([, name = '', text = '']) => [name, text]));
}

/** A project of a reader, who has installed the packages; removed on disposal. */
export interface PageProject extends Disposable {
  readonly root: string;
}

/** Writes files into an empty folder in which packages of this repository can be imported. */
export function createPageProject(files: ReadonlyMap<string, string>): PageProject {
  const root = mkdtempSync(join(tmpdir(), 'agentswarm-page-'));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n');
  symlinkSync(join(repositoryRoot, 'tests', 'node_modules'), join(root, 'node_modules'));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}
