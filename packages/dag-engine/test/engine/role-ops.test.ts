import { expect, it } from 'vitest';
import type { EngineOptions } from '../../src/engine.ts';
import { node, workflow } from './config-directory.ts';
import { giving, openEngine, runOnce } from './open-engine.ts';

const files = {
  'workflow.yaml': workflow(
    [
      node('start', 'start', { default_start: true }),
      node('pick', 'decision'),
      node('own', 'linear'),
      node('plain', 'linear'),
      node('exit', 'exit'),
    ],
    ['start>pick', 'pick>own', 'pick>plain', 'own>exit', 'plain>exit'],
  ),
};
const roleOps: EngineOptions['roleOps'] = {
  decision: giving({ decision: 'own' }),
  linear: giving('of the role'),
};

it('nodes of a role do what the option says, unless they have an operation of their own', async () => {
  const byRole = await runOnce(files, 'plain', { roleOps });
  expect(byRole.result).toMatchObject({ status: 'success', output: 'of the role' });
  expect(byRole.result.node_sequence).toEqual(['start', 'pick', 'own', 'exit']);
  const own = await runOnce(files, 'plain', { roleOps, deterministicOps: { own: giving('its own') } });
  expect(own.result.output).toBe('its own');
  const without = await runOnce(files, 'plain');
  expect(without.result.node_sequence).toEqual(['start', 'pick', 'plain', 'exit']);
});

it('a role that does not exist is a type error, and a warning where types are not checked', async () => {
  // @ts-expect-error There is no such role.
  const misspelt: EngineOptions = { roleOps: { desicion: giving(null) } };
  await using opened = await openEngine(files, misspelt);
  expect(opened.engine.manifestWarnings).toContain('option roleOps: there is no role "desicion"');
});
