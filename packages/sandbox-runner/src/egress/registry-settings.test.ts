import { describe, expect, it } from 'vitest';
import { createRegistryFilter, upstreamProxyFor } from './registry-settings.ts';

describe('createRegistryFilter', () => {
  const isAdmitted = createRegistryFilter({
    env: {},
    urls: ['https://crates.example/npm', 'http://127.0.0.1:4873', 'nonsense'],
  });
  it.each([
    ['crates.example', 443, true],
    ['127.0.0.1', 4873, true],
    ['crates.example', 80, false],
    ['127.0.0.1', 4874, false],
    ['x.crates.example', 443, false],
    ['crates.example.evil.example', 443, false],
  ])('%s:%i', (host, port, admitted) => {
    expect(isAdmitted({ host, port })).toBe(admitted);
  });

  it('admits nothing without addresses', () => {
    expect(createRegistryFilter({ env: {} })({ host: 'crates.example', port: 443 })).toBe(false);
  });
});

describe('upstreamProxyFor', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost, .corp.example,10.0.0.1' };
  it.each([
    ['crates.example', 'http://proxy:3128'],
    ['npm.corp.example', undefined],
    ['corp.example', undefined],
    ['notcorp.example', 'http://proxy:3128'],
    ['10.0.0.1', undefined],
    ['127.0.0.1', undefined],
    ['::1', undefined],
  ])('for %s', (host, expected) => {
    expect(upstreamProxyFor({ env }, { host, port: 443 })).toBe(expected);
  });

  it('is none without a proxy, and with NO_PROXY=*', () => {
    expect(upstreamProxyFor({ env: {} }, { host: 'a', port: 1 })).toBeUndefined();
    expect(upstreamProxyFor({ env: { ...env, NO_PROXY: '*' } }, { host: 'a', port: 1 })).toBeUndefined();
  });
});
