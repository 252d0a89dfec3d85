import { expect, it } from 'vitest';
import { Secret } from '@agentswarm/core';
import { remoteAccess } from './credential.ts';
import { GitError } from './errors.ts';
import { runGit } from './run-git.ts';

const credential = { token: new Secret('canary-token-123') };

async function filled(host: string): Promise<string> {
  const { config, env } = await remoteAccess({ remote: 'https://example.org/a/b.git', credential });
  expect(config.join('\n')).not.toContain('canary-token');
  const stdin = `protocol=https\nhost=${host}\n\n`;
  const { stdout } = await runGit({ args: ['credential', 'fill'], config, env, stdin });
  return stdout.toString();
}

it('hands the token to git for the host of the remote', async () => {
  expect(await filled('example.org')).toContain('username=x-access-token\npassword=canary-token-123\n');
});

it('does not hand it to another host', async () => {
  const error: unknown = await filled('evil.example.net').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(GitError);
  expect(JSON.stringify(error)).not.toContain('canary-token');
});
