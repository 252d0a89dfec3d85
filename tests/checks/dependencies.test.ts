import { describe, expect, test } from 'vitest';
import { dependenciesCheck } from '../../scripts/checks/dependencies-check.ts';
import { createToyRepository } from './toy-repository.ts';
import type { ToyFiles } from './toy-repository.ts';

const CAPS = 'scripts/checks/dependency-caps.json';

/** One direct dependency with one of its own. */
const INSTALLED: ToyFiles = {
  'packages/toy/package.json': { name: '@agentswarm/toy', dependencies: { direct: '1.0.0' } },
  'node_modules/direct/package.json': { name: 'direct', dependencies: { indirect: '1.0.0' } },
  'node_modules/indirect/package.json': { name: 'indirect' },
};

describe('dependencies', () => {
  test('as many as recorded pass', async () => {
    await using toy = await createToyRepository({ ...INSTALLED, [CAPS]: { '@agentswarm/toy': 2 } });
    expect(await dependenciesCheck.run(toy.root)).toEqual({ ok: true, report: '' });
  });

  test.each([
    ['one more than recorded', { '@agentswarm/toy': 1 }, 'allows 1'],
    ['a package without a record', {}, 'no cap is recorded'],
  ])('reports %s', async (_what, caps, said) => {
    await using toy = await createToyRepository({ ...INSTALLED, [CAPS]: caps });
    const { ok, report } = await dependenciesCheck.run(toy.root);
    expect(ok).toBe(false);
    expect(report).toContain(said);
  });
});
