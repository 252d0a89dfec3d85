import { describe, expect, it } from 'vitest';
import {
  createRegistryFilter,
  nameOf,
  parseDestination,
  registryEnvironment,
  upstreamProxyFor,
} from './registry-settings.ts';

describe('parseDestination', () => {
  it.each([
    ['https://Crates.Example/npm/', 'crates.example:443'],
    ['http://crates.example', 'crates.example:80'],
    ['https://crates.example.:8443/x?y', 'crates.example:8443'],
    ['http://[::1]:4873', '[::1]:4873'],
    ['https://name:word@crates.example', 'crates.example:443'],
    ['http://2130706433:80/', '127.0.0.1:80'],
  ])('reads %s', (url, name) => {
    const found = parseDestination(url);
    expect(found && nameOf(found)).toBe(name);
  });

  it.each(['ftp://crates.example', 'crates.example', '', 'https://', 'file:///x'])('refuses %j', (url) => {
    expect(parseDestination(url)).toBeUndefined();
  });
});

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
  ])('for %s', (host, expected) => {
    expect(upstreamProxyFor({ env }, { host, port: 443 })).toBe(expected);
  });

  it('is none without a proxy, and with NO_PROXY=*', () => {
    expect(upstreamProxyFor({ env: {} }, { host: 'a', port: 1 })).toBeUndefined();
    expect(upstreamProxyFor({ env: { ...env, NO_PROXY: '*' } }, { host: 'a', port: 1 })).toBeUndefined();
  });
});

describe('registryEnvironment', () => {
  it('replaces the proxy of the host and keeps the rest', () => {
    const env = { HTTPS_PROXY: 'http://host-proxy:3128', NO_PROXY: '*', NODE_EXTRA_CA_CERTS: '/ca.pem' };
    expect(registryEnvironment({ env }, 'http://inside:1')).toMatchObject({
      HTTP_PROXY: 'http://inside:1',
      https_proxy: 'http://inside:1',
      npm_config_https_proxy: 'http://inside:1',
      NO_PROXY: 'localhost,127.0.0.1,::1',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
    });
  });

  it('sends a name of loopback that is a registry through the proxy', () => {
    const { no_proxy } = registryEnvironment({ env: {}, urls: ['http://127.0.0.1:4873'] }, 'http://inside:1');
    expect(no_proxy).toBe('localhost,::1');
  });
});
