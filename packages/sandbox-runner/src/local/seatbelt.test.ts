import { describe, expect, it } from 'vitest';
import { seatbeltProfile, type SeatbeltRequest } from './seatbelt.ts';

const ports = { first: 20_040, last: 20_041 };
const request: SeatbeltRequest = {
  readOnly: ['/opt/code'],
  writable: ['/sandboxes/"odd\\name', '/sandboxes/home'],
  denied: ['/opt/code/.npmrc'],
  network: { policy: 'none', ports },
};

describe('seatbeltProfile', () => {
  it('denies everything, and then allows what a build needs', () => {
    expect(seatbeltProfile(request)).toBe(`(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read* (literal "/") (subpath "/System") (subpath "/Library/Apple") (subpath "/Library/Developer") (subpath "/Library/Preferences/Logging") (subpath "/usr") (subpath "/bin") (subpath "/sbin") (subpath "/opt/homebrew") (subpath "/private/etc/ssl") (subpath "/private/var/db/timezone") (subpath "/private/var/db/dyld") (subpath "/opt/code") (subpath "/sandboxes/\\"odd\\\\name") (subpath "/sandboxes/home"))
(allow file-write* (subpath "/sandboxes/\\"odd\\\\name") (subpath "/sandboxes/home"))
(allow file-read* file-write* (literal "/dev/null") (literal "/dev/zero"))
(allow file-read* (literal "/dev/random") (literal "/dev/urandom"))
(deny file-read* (literal "/opt/code/.npmrc"))
(allow network-bind network-inbound (local ip "localhost:20040") (local ip "localhost:20041"))
(allow network-outbound (remote ip "localhost:20040") (remote ip "localhost:20041"))`);
  });

  const own = [
    '(allow network-bind network-inbound (local ip "localhost:20040") (local ip "localhost:20041"))',
    '(allow network-outbound (remote ip "localhost:20040") (remote ip "localhost:20041"))',
  ];
  const withProxy = [
    own[0],
    '(allow network-outbound (remote ip "localhost:20040") (remote ip "localhost:20041") (remote ip "localhost:4711"))',
  ];
  const toGateway = '(allow network-outbound (literal "/run/\\"gateway.sock"))';
  const gatewaySocket = '/run/"gateway.sock';
  const proxyPort = 4711;
  const allow = { allow: ['example.org'] };
  it.each([
    ['nothing but its own ports', { policy: 'none' }, own],
    ['the gateway', { policy: 'gateway', gatewaySocket }, [...own, toGateway]],
    ['the proxy, for registries', { policy: 'registries', proxyPort }, withProxy],
    ['the proxy, for a list of hosts', { policy: allow, proxyPort }, withProxy],
    ['the proxy and the gateway', { policy: allow, proxyPort, gatewaySocket }, [...withProxy, toGateway]],
    [
      'everything',
      { policy: 'open' },
      ['(allow network*)', '(allow mach-lookup (global-name "com.apple.mDNSResponder"))'],
    ],
  ] as const)('lets commands reach %s', (_what, network, rules) => {
    const profile = seatbeltProfile({ ...request, network: { ports, ...network } }).split('\n');
    expect(profile.slice(profile.indexOf('(deny file-read* (literal "/opt/code/.npmrc"))') + 1)).toEqual(
      rules,
    );
  });

  it('lets nothing be written or read that was not asked for', () => {
    const rules = seatbeltProfile({ ...request, readOnly: [], writable: [], denied: [] }).split('\n');
    const paths = rules.flatMap((rule) => [...rule.matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path));
    const system =
      /^\/(?:$|System|Library|usr|bin|sbin|opt\/homebrew|private\/etc\/ssl|private\/var\/db|dev\/)/;
    expect(paths.filter((path) => !system.test(path ?? ''))).toEqual([]);
    expect(rules.filter((rule) => rule.includes('file-write*'))).toEqual([
      '(allow file-read* file-write* (literal "/dev/null") (literal "/dev/zero"))',
    ]);
  });
});
