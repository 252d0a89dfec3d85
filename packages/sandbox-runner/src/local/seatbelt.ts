import type { NetworkPolicy } from '@agentswarm/core';
import type { PortRange } from '../network/port-leases.ts';

export interface SeatbeltRequest {
  readonly readOnly: readonly string[];
  readonly writable: readonly string[];
  readonly denied: readonly string[];
  readonly network: SeatbeltNetwork;
}

interface SeatbeltNetwork {
  readonly policy: NetworkPolicy;
  /** Loopback ports that are the sandbox's own. */
  readonly ports: PortRange;
  readonly gatewaySocket?: string;
  /** Loopback port of the proxy, for network `registries` and lists of hosts. */
  readonly proxyPort?: number;
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
    // Of processes, only those that run under this very profile can be seen and sent signals.
    '(allow process-info* (target same-sandbox))',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    // Names, sizes and times of the files of the host, not what is in them: paths are resolved step by step.
    '(allow file-read-metadata)',
    `(allow file-read* (literal "/") ${subpaths([...SYSTEM_READABLE, ...request.readOnly, ...request.writable])})`,
    // Without a path the rule would allow all of them.
    ...(request.writable.length === 0 ? [] : [`(allow file-write* ${subpaths(request.writable)})`]),
    '(allow file-read* file-write* (literal "/dev/null") (literal "/dev/zero"))',
    '(allow file-read* (literal "/dev/random") (literal "/dev/urandom"))',
    // The last matching rule decides, so what is denied comes after what is allowed.
    ...request.denied.map((path) => `(deny file-read* (literal ${quote(path)}))`),
    ...networkRules(request.network),
  ];
  return rules.join('\n');
}

/** Loopback is the host's: all of it there is to connect to is the sandbox's own ports and its proxy. */
function networkRules({ policy, ports, gatewaySocket, proxyPort }: SeatbeltNetwork): string[] {
  if (policy === 'open') {
    return ['(allow network*)', '(allow mach-lookup (global-name "com.apple.mDNSResponder"))'];
  }
  const own = Array.from({ length: ports.last - ports.first + 1 }, (_, offset) => ports.first + offset);
  const each = (side: 'local' | 'remote', numbers: readonly number[]) =>
    numbers.map((port) => `(${side} ip "localhost:${port}")`).join(' ');
  const reachable = proxyPort === undefined ? own : [...own, proxyPort];
  return [
    `(allow network-bind network-inbound ${each('local', own)})`,
    `(allow network-outbound ${each('remote', reachable)})`,
    ...(gatewaySocket === undefined ? [] : [`(allow network-outbound (literal ${quote(gatewaySocket)}))`]),
  ];
}

function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
