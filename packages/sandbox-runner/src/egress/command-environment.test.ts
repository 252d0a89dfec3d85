import { describe, expect, it } from 'vitest';
import { managerEnvironment, proxyEnvironment } from './command-environment.ts';

describe('proxyEnvironment', () => {
  it('leads all but loopback through the proxy', () => {
    expect(proxyEnvironment('http://inside:1', [])).toEqual({
      HTTP_PROXY: 'http://inside:1',
      HTTPS_PROXY: 'http://inside:1',
      http_proxy: 'http://inside:1',
      https_proxy: 'http://inside:1',
      npm_config_proxy: 'http://inside:1',
      npm_config_https_proxy: 'http://inside:1',
      NODE_USE_ENV_PROXY: '1',
      NO_PROXY: 'localhost,127.0.0.1,::1',
      no_proxy: 'localhost,127.0.0.1,::1',
    });
  });

  it('leads there also to what the host has on its loopback', () => {
    expect(proxyEnvironment('http://inside:1', ['127.0.0.1'])).toMatchObject({ no_proxy: 'localhost,::1' });
  });
});

describe('managerEnvironment', () => {
  const settings = {
    npm_config_registry: 'https://crates.example/npm',
    PIP_INDEX_URL: 'https://wheels.example/simple',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    GOPROXY: 'direct',
    Https_Proxy: 'http://host-proxy:3128',
    npm_config_proxy: 'http://host-proxy:3128',
    NO_PROXY: '*',
  };

  it('keeps what holds, and nothing that leads to another proxy or an address out of bounds', () => {
    expect(managerEnvironment(settings, { admits: ({ host }) => host === 'crates.example' })).toEqual({
      npm_config_registry: 'https://crates.example/npm',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      GOPROXY: 'direct',
    });
  });
});
