import { expect, it } from 'vitest';
import { shimEnvironment } from './shim-environment.ts';

it('passes on where things are, and no secret', () => {
  const env = {
    PATH: '/bin',
    MODAL_PROFILE: 'work',
    MODAL_TOKEN_SECRET: 'as-1',
    API_KEY: 'k',
    TZ: undefined,
  };
  const expected = { PATH: '/bin', MODAL_PROFILE: 'work', PYTHONPATH: '/shim' };
  expect(shimEnvironment({ ...env, PYTHONPATH: '/elsewhere' }, '/shim')).toEqual(expected);
});
