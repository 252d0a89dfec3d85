import { describe, expect, it } from 'vitest';
import { seatbeltProfile, type SeatbeltRequest } from './seatbelt.ts';

const request: SeatbeltRequest = {
  readOnly: ['/opt/code'],
  writable: ['/sandboxes/"odd\\name'],
  denied: ['/opt/code/.npmrc'],
  network: 'none',
};

describe('seatbeltProfile', () => {
  it('denies first, and allows writing only to the folders of the sandbox', () => {
    const rules = seatbeltProfile(request).split('\n');
    expect(rules.slice(0, 2)).toEqual(['(version 1)', '(deny default)']);
    expect(rules.filter((rule) => rule.includes('file-write*'))).toEqual([
      '(allow file-write* (subpath "/sandboxes/\\"odd\\\\name"))',
      '(allow file-read* file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))',
    ]);
  });

  it('denies secrets after everything that would allow reading them', () => {
    const rules = seatbeltProfile(request).split('\n');
    const denial = rules.indexOf('(deny file-read* (literal "/opt/code/.npmrc"))');
    const allowance = rules.findLastIndex((rule) => rule.startsWith('(allow file-read*'));
    expect(denial).toBeGreaterThan(allowance);
  });

  it('allows the network that was asked for', () => {
    const networkRules = (changes: Partial<SeatbeltRequest>) =>
      seatbeltProfile({ ...request, ...changes })
        .split('\n')
        .filter((rule) => rule.includes('network'));
    expect(networkRules({ network: 'none' })).toEqual([]);
    expect(networkRules({ network: 'open' })).toEqual(['(allow network*)']);
    expect(networkRules({ network: 'registries', registryPort: 4711 })).toEqual([
      '(allow network-outbound (remote ip "localhost:4711"))',
    ]);
    expect(networkRules({ network: 'gateway', gatewaySocket: '/run/gateway.sock' })).toEqual([
      '(allow network-outbound (literal "/run/gateway.sock"))',
      '(allow network* (local ip "localhost:*"))',
    ]);
  });
});
