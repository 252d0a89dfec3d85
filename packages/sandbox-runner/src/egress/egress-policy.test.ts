import { describe, expect, it } from 'vitest';
import { planEgress } from './egress-policy.ts';

/** Whether a host may turn out to be at an address. */
function mayBeAt(policy: ReturnType<typeof planEgress>, host: string, address: string): boolean | undefined {
  return policy?.mayBeAt({ host, port: 443 }, address);
}

const NAMED = '10.0.0.7';
const PRIVATE = ['10.1.2.3', '100.64.0.1', '172.16.9.9', '192.168.1.1', 'fc00::1', 'fd12:3456::1'];
const NEVER = [
  ...['127.0.0.1', '::1', '0.0.0.0', '::', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', '::ffff:127.0.0.1'],
  ...['224.0.0.1', '172.32.0.1%x', '100.100.100.200', 'fd00:ec2::254', '64:ff9b::7f00:1', '::ffff:10.0.0.1'],
];

describe('where a registry may be', () => {
  const urls = ['https://artifacts.example', 'http://localhost:4873', `http://${NAMED}`];
  const policy = planEgress('registries', { env: {}, urls });

  it.each(['8.8.8.8', '2606:4700::1111', ...PRIVATE])('a name: at %s', (address) => {
    expect(mayBeAt(policy, 'artifacts.example', address)).toBe(true);
  });

  it.each(NEVER)('a name: not at %s', (address) => {
    expect(mayBeAt(policy, 'artifacts.example', address)).toBe(false);
  });

  it.each([
    ['localhost', '127.0.0.1', true],
    ['localhost', '::1', true],
    ['localhost', NAMED, false],
    [NAMED, NAMED, true],
    [NAMED, '10.0.0.8', false],
  ])('%s at %s: %s', (host, address, expected) => {
    expect(mayBeAt(policy, host, address)).toBe(expected);
  });
});

describe('where a listed host may be', () => {
  const policy = planEgress({ allow: ['host.example'] }, { env: {}, urls: ['https://host.example'] });

  it.each([...PRIVATE, ...NEVER])('a name: not at %s', (address) => {
    expect(mayBeAt(policy, 'host.example', address)).toBe(false);
  });
});
