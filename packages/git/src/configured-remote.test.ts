import { describe, expect, it } from 'vitest';
import { separateCredential } from './configured-remote.ts';

describe('separateCredential', () => {
  it.each([
    'https://example.invalid/a/b.git',
    'git@example.invalid:a/b.git',
    '/srv/git/b.git',
    '../b.git',
    'ssh://git@example.invalid/b',
  ])('leaves %s as it is', (remote) => {
    expect(separateCredential(remote)).toEqual({ url: remote });
  });

  it('takes user and password out of an address', () => {
    const { url, credential } = separateCredential('https://ann:s%40crit@example.invalid/a.git');
    expect(url).toBe('https://example.invalid/a.git');
    expect(credential?.username).toBe('ann');
    expect(credential?.token.reveal()).toBe('s@crit');
  });

  it('takes a lone name for a token', () => {
    const { url, credential } = separateCredential('https://token-123@example.invalid/a.git');
    expect(url).toBe('https://example.invalid/a.git');
    expect(credential).not.toHaveProperty('username');
    expect(credential?.token.reveal()).toBe('token-123');
  });
});
