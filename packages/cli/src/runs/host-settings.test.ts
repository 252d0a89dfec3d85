import { describe, expect, it } from 'vitest';
import { registrySettings } from './host-settings.ts';

const NONE = { env: {}, urls: [] };

describe('registrySettings', () => {
  it('takes registries, certificates and proxies from the environment, and nothing else', () => {
    const env = {
      npm_config_registry: 'https://js.example/',
      UV_DEFAULT_INDEX: 'https://py.example/simple',
      GOPROXY: 'https://go.example,direct',
      CARGO_REGISTRIES_OWN_INDEX: 'sparse+https://cargo.example/index/',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      HTTPS_PROXY: 'http://proxy.example:3128',
      NPM_TOKEN: 'canary',
      npm_config__authToken: 'canary',
      CARGO_REGISTRIES_OWN_TOKEN: 'canary',
      EMPTY: '',
    };
    const { NPM_TOKEN, npm_config__authToken, CARGO_REGISTRIES_OWN_TOKEN, EMPTY, ...kept } = env;
    expect(registrySettings(env, NONE)).toEqual({
      env: kept,
      urls: [
        'https://js.example/',
        'https://py.example/simple',
        'https://go.example',
        'https://cargo.example/index/',
      ],
    });
  });

  it('drops user and password of a registry, and a proxy that has them', () => {
    const settings = registrySettings(
      {
        PIP_INDEX_URL: 'https://user:canary@py.example/simple',
        PIP_EXTRA_INDEX_URL: 'https://canary@a.example/ https://x:canary@b.example/',
        HTTPS_PROXY: 'http://user:canary@proxy.example:3128',
      },
      {
        env: { npm_config_registry: 'https://user:canary@js.example/' },
        urls: ['https://canary@files.example'],
      },
    );
    expect(JSON.stringify(settings)).not.toContain('canary');
    expect(settings.urls).toEqual([
      'https://py.example/simple',
      'https://a.example/',
      'https://b.example/',
      'https://js.example/',
      'https://files.example',
    ]);
  });

  it('believes the environment before the tools', () => {
    const answers = {
      env: { npm_config_registry: 'https://default.example/', npm_config_cafile: '/ca.pem' },
      urls: ['https://files.example'],
    };
    expect(registrySettings({ NPM_CONFIG_REGISTRY: 'https://own.example/' }, answers)).toEqual({
      env: { NPM_CONFIG_REGISTRY: 'https://own.example/', npm_config_cafile: '/ca.pem' },
      urls: ['https://own.example/', 'https://files.example'],
    });
  });
});
