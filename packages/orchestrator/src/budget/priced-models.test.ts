import { expect, it } from 'vitest';
import { listPricedModels } from './priced-models.ts';

const at = (name: string, more: object = {}) => ({
  name,
  baseUrl: `http://${name}`,
  model: 'small',
  ...more,
});

it('lists each model a role may be given at each endpoint that serves it, with the price that counts', () => {
  const price = { inputUsdPerMillion: 1 };
  const listed = listPricedModels(
    [at('own', { roles: ['worker'] }), at('rented', { models: ['big', 'huge'], price })],
    { planner: { prefer: ['big'], fallback: ['huge'] }, worker: 'tiny' },
    { find: (model) => (model === 'tiny' ? { price: {} } : undefined) },
  );
  expect(listed).toEqual([
    { provider: 'own', model: 'tiny', price: {} },
    { provider: 'rented', model: 'big', price },
    { provider: 'rented', model: 'huge', price },
    { provider: 'rented', model: 'small', price },
  ]);
});
