import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { askPackageManagers } from '../src/runs/installed-registries.ts';

it('asks the tools on PATH, and does without those that are missing or fail', async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-tools-'));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const tool = async (name: string, script: string) => {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  };
  await tool(
    'npm',
    '[ "$*" = "config get registry cafile" ] && printf "registry=https://js.example/\\ncafile=null\\n"',
  );
  await tool('go', 'echo half an answer; exit 1');
  expect(await askPackageManagers({ PATH: folder })).toEqual({
    env: { npm_config_registry: 'https://js.example/' },
    urls: [],
  });
});
