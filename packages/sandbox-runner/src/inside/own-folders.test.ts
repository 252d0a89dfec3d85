import { expect, it } from 'vitest';
import { withOwnFolders } from './own-folders.ts';

it('keeps an environment, but for where programs keep things: that is in HOME, however it was said', () => {
  const env = withOwnFolders(
    {
      A: '1',
      HOME: '/elsewhere',
      TMPDIR: '/var/tmp',
      XDG_CACHE_HOME: '/elsewhere/.cache',
      NPM_CONFIG_CACHE: '/elsewhere/.npm',
    },
    { home: '/workspace/home', temp: '/tmp' },
  );
  const { A, TMPDIR, ...folders } = env;
  expect({ A, TMPDIR }).toEqual({ A: '1', TMPDIR: '/tmp' });
  expect(folders).toMatchObject({
    HOME: '/workspace/home',
    XDG_CACHE_HOME: '/workspace/home/.cache',
    npm_config_cache: '/workspace/home/.npm',
  });
  expect(Object.values(folders).filter((folder) => !folder.startsWith('/workspace/home'))).toEqual([]);
});
