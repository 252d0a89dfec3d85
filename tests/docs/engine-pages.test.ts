import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Engine } from '@agentswarm/dag-engine/engine';
import { createPageProject, filesOfPage, readPage } from './page-files.ts';

describe('docs/engine/manifests.md', () => {
  const files = filesOfPage(readPage('docs/engine/manifests.md'));

  test('shows a directory that loads without a warning', async () => {
    using project = createPageProject(files);
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
