import { expect, it } from 'vitest';
import { withOwnFolders } from './own-folders.ts';

it('keeps an environment, but for where programs keep things: that is in HOME, however it was said', () => {
  const env = withOwnFolders(
    {
      A: '1',
      HOME: '/root',
      TMPDIR: '/var/tmp',
      XDG_CACHE_HOME: '/root/.cache',
      NPM_CONFIG_CACHE: '/root/.npm',
    },
    { home: '/home/own', temp: '/tmp' },
  );
  const { A, TMPDIR, ...folders } = env;
  expect({ A, TMPDIR }).toEqual({ A: '1', TMPDIR: '/tmp' });
  expect(folders).toMatchObject({
    HOME: '/home/own',
    XDG_CACHE_HOME: '/home/own/.cache',
    npm_config_cache: '/home/own/.npm',
  });
  expect(Object.values(folders).filter((folder) => !folder.startsWith('/home/own'))).toEqual([]);
});
