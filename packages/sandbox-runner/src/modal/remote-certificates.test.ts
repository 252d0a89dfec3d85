import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { planCertificates } from './remote-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentswarm-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('names copies of certificates instead of the host’s files, and nothing that does not come along', () => {
  const [one, two] = ['one.pem', 'two.pem'].map((name) => join(folder, name));
  if (one === undefined || two === undefined) return expect.unreachable();
  for (const file of [one, two]) writeFileSync(file, 'certificate');
  const urls = ['https://example.org'];
  const { settings } = planCertificates({
    urls,
    env: {
      npm_config_fund: 'false',
      NODE_EXTRA_CA_CERTS: two,
      npm_config_cafile: two,
      SSL_CERT_FILE: one,
      SSL_CERT_DIR: folder,
      HTTPS_PROXY: 'http://proxy.example',
    },
  });
  expect(settings).toEqual({
    urls,
    env: {
      npm_config_fund: 'false',
      NODE_EXTRA_CA_CERTS: '/workspace/certificates/0.pem',
      npm_config_cafile: '/workspace/certificates/0.pem',
      SSL_CERT_FILE: '/workspace/certificates/1.pem',
      HTTPS_PROXY: 'http://proxy.example',
    },
  });
});
