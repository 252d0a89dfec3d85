import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/checks/run-tool.ts';
import { readTrackedFiles } from '../../scripts/checks/tracked-files.ts';

const CODE = /^```.*?^```|`[^`\n]*`/gms;
const LINK = /\]\(<?([^)\s>]+)>?\)/g;

/** The anchors of a page as GitHub makes them: of its headings, numbered where one comes again, and its own. */
function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = anchorOf(heading);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  const ids = [...text.matchAll(/<a id="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([...headings, ...ids]);
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

test('links between pages lead to files and headings that exist', async () => {
  const pages = (await readTrackedFiles(repositoryRoot)).filter(
    ({ path }) => path.endsWith('.md') && !path.startsWith('target-repo/'),
  );
  const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
  const broken = pages.flatMap(({ path, text }) =>
    [...text.replace(CODE, '').matchAll(LINK)].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      const heading = anchor === undefined || anchor === '' || anchors.get(target)?.has(anchor) !== false;
      return existsSync(join(repositoryRoot, target)) && heading ? [] : [`${path}: ${link}`];
    }),
  );
  expect(pages.length).toBeGreaterThan(20);
  expect(broken).toEqual([]);
});
