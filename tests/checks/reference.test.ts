import { describe, expect, test } from 'vitest';
import { referenceCheck } from '../../scripts/checks/reference-check.ts';
import { runTool } from '../../scripts/checks/run-tool.ts';
import { createToyRepository, linkDependencies, writeToyFile } from './toy-repository.ts';

const SOURCE = 'packages/core/src/index.ts';

describe('reference', () => {
  test('reports a reference that is stale or of something that is gone, and a source that cannot be read', async () => {
    await using toy = await createToyRepository({
      'package.json': { name: 'toy', private: true, type: 'module' },
      // No library but the oldest: it is read anew in every run.
      'tsconfig.json': { compilerOptions: { module: 'nodenext', lib: ['es5'], types: [] }, files: [SOURCE] },
      'typedoc.json': {
        plugin: ['typedoc-plugin-markdown'],
        entryPoints: [SOURCE],
        out: 'docs/engine/api',
        outputFileStrategy: 'modules',
        disableSources: true,
        readme: 'none',
      },
      [SOURCE]: '/** How many there are. */\nexport const COUNT = 1;\n',
    });
    await linkDependencies(toy.root);
    const report = async () => (await referenceCheck.run(toy.root)).report;
    expect(await runTool(['typedoc'], { cwd: toy.root })).toMatchObject({ exitCode: 0 });
    expect(await referenceCheck.run(toy.root)).toEqual({ ok: true, report: '' });

    await writeToyFile(toy.root, SOURCE, '/** How many there may be. */\nexport const COUNT = 1;\n');
    await writeToyFile(toy.root, 'docs/engine/api/gone.md', '# gone\n');
    expect((await report()).split('\n')).toEqual([
      'docs/engine/api/README.md is not what the sources say: npm run docs:api',
      'docs/engine/api/gone.md is not what the sources say: npm run docs:api',
    ]);

    await writeToyFile(toy.root, SOURCE, 'export const COUNT: number = nothing;\n');
    expect(await report()).toContain("Cannot find name 'nothing'");
  });
});
