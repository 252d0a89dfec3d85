import { isIP } from 'node:net';

/** A host and port that may be connected to. */
export interface Destination {
  /** As addresses of the web write it: lower case, punycode, no dot at the end, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads the destination of an http(s) address; undefined when it is none. */
export function parseDestination(url: string): Destination | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  // A name with an empty part is none, though addresses of the web may hold one.
  return host.split('.').includes('')
    ? undefined
    : { host, port: Number(port || (protocol === 'http:' ? 80 : 443)) };
}

/** Reads the `host:port` of a request for a tunnel; undefined when it is anything more or less. */
export function parseAuthority(text: string): Destination | undefined {
  return /^[^\s/?#@\\]+:[0-9]+$/.test(text) ? parseDestination(`https://${text}`) : undefined;
}

/** `host:port`, for people and comparisons. */
export function nameOf({ host, port }: Destination): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the host is an address itself, which needs no look-up. */
export function isAddress({ host }: Destination): boolean {
  return isIP(host) !== 0;
}

/** Whether a host is this machine, said by name or by address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
