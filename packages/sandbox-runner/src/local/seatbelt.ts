import type { NetworkPolicy } from '@agentswarm/core';

export interface SeatbeltRequest {
  readonly readOnly: readonly string[];
  readonly writable: readonly string[];
  readonly denied: readonly string[];
  readonly network: NetworkPolicy;
  readonly gatewaySocket?: string;
  /** Loopback port of the proxy, for network `registries`. */
  readonly registryPort?: number;
}

const SYSTEM_READABLE = [
  '/System',
  '/Library/Apple',
  '/Library/Developer',
  '/Library/Preferences/Logging',
  '/usr',
  '/bin',
  '/sbin',
  '/opt/homebrew',
  '/private/etc/ssl',
  '/private/var/db/timezone',
  '/private/var/db/dyld',
];

/** Builds a Seatbelt profile: everything is denied but what a build needs. */
export function seatbeltProfile(request: SeatbeltRequest): string {
  const subpaths = (paths: readonly string[]) => paths.map((path) => `(subpath ${quote(path)})`).join(' ');
  const rules = [
    '(version 1)',
    '(deny default)',
    '(allow process-fork)',
    '(allow process-exec)',
    '(allow process-info* (target same-sandbox))',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow file-read-metadata)',
    `(allow file-read* (literal "/") ${subpaths([...SYSTEM_READABLE, ...request.readOnly, ...request.writable])})`,
    `(allow file-write* ${subpaths(request.writable)})`,
    '(allow file-read* file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))',
    '(allow file-read* (literal "/dev/random") (literal "/dev/urandom"))',
    // The last matching rule decides, so what is denied comes after what is allowed.
    ...request.denied.map((path) => `(deny file-read* (literal ${quote(path)}))`),
    ...networkRules(request),
  ];
  return rules.join('\n');
}

function networkRules(request: SeatbeltRequest): string[] {
  if (typeof request.network !== 'string') return [];
  switch (request.network) {
    case 'open':
      return ['(allow network*)', '(allow mach-lookup (global-name "com.apple.mDNSResponder"))'];
    case 'gateway':
      return request.gatewaySocket === undefined
        ? []
        : [
            `(allow network-outbound (literal ${quote(request.gatewaySocket)}))`,
            '(allow network* (local ip "localhost:*"))',
          ];
    case 'registries':
      return request.registryPort === undefined
        ? []
        : [`(allow network-outbound (remote ip "localhost:${request.registryPort}"))`];
    case 'none':
      return [];
  }
}

function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
