import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Engine } from '@agentswarm/dag-engine/engine';
import { repositoryRoot, runTool } from '../../scripts/checks/run-tool.ts';
import { createPageProject, filesOfPage, readPage } from './page-files.ts';
import { findTypeProblems } from './type-problems.ts';

describe('docs/engine/manifests.md', () => {
  test('shows a directory that loads without a warning and passes its evaluation', async () => {
    using project = createPageProject(filesOfPage(readPage('docs/engine/manifests.md')));
    await using engine = await Engine.fromConfigDir(join(project.root, 'config'), {
      commands: { './commands.ts:inbox': () => undefined },
      env: { HOUSE_KEY: 'k-1234567' },
      checkpoint: 'never',
      llmFactory: () => ({ generate: async () => ({ route: 'other' }) }),
    });
    expect(engine.manifestWarnings).toEqual([]);
    const { totals } = await engine.createEvaluator().evaluateSuites(engine.loadEvaluations());
    expect(totals).toMatchObject({ total: 1, passed: 1 });
  });
});

describe('docs/engine/developer-guide.md', () => {
  const page = readPage('docs/engine/developer-guide.md');
  const files = filesOfPage(page);

  test('shows a program that prints what the page says', async () => {
    using project = createPageProject(files);
    const [, expected] = /<!-- output -->\s*```text\n([\s\S]*?\n)```/.exec(page) ?? [];
    const { stdout, output } = await runTool(['node', '--conditions=@agentswarm/source', 'main.ts'], {
      cwd: project.root,
    });
    expect(expected).toContain('success');
    expect(stdout, output).toBe(expected);
  });

  test('shows code without type errors', () => {
    const sources = [...files.keys()].filter((name) => name.endsWith('.ts'));
    expect(sources).toContain('notebook.test.ts');
    using project = createPageProject(files);
    expect(findTypeProblems(project.root, sources)).toEqual([]);
  });
});

// Put together, so that this file does not hold the word either.
const UNWANTED = new RegExp(['pipe', 'line'].join(''), 'i');

test('no page of the engine has the word for what routing is not', () => {
  const pages = readdirSync(join(repositoryRoot, 'docs/engine'), { recursive: true, encoding: 'utf8' });
  const named = pages.filter((name) => name.endsWith('.md')).map((name) => `docs/engine/${name}`);
  expect(named).toContain('docs/engine/api/engine.md');
  expect(named.filter((path) => UNWANTED.test(readPage(path)))).toEqual([]);
});
