import { isIP } from 'node:net';
import { SandboxError } from '../errors.ts';
import { parseDestination, type Destination } from './destination.ts';

/** One entry of a list of allowed hosts. */
export interface HostPattern {
  readonly host: string;
  /** Means every name below `host`, and not `host`. */
  readonly below: boolean;
  readonly ports: readonly number[];
}

/** What an entry without a port admits: the web, plain and encrypted. */
const WEB_PORTS = [80, 443];

const ENTRY = /^(?<wildcard>\*\.)?(?<host>\[[^[\]]*\]|[^\s:[\]/?#@\\%*]+)(?::(?<port>[0-9]{1,5}))?$/;

/**
 * Reads a list of allowed hosts.
 *
 * @throws {SandboxError} SANDBOX_SPEC_INVALID, naming the entry and what is wrong with it.
 */
export function parseAllowList(entries: readonly string[]): HostPattern[] {
  return entries.map(parseEntry);
}

/** Whether an entry admits a destination. */
export function matchesPattern({ host, below, ports }: HostPattern, to: Destination): boolean {
  if (!ports.includes(to.port)) return false;
  return below ? to.host.endsWith(`.${host}`) : to.host === host;
}

function parseEntry(entry: string): HostPattern {
  const { wildcard, host: written = '', port } = ENTRY.exec(entry)?.groups ?? {};
  const host = parseDestination(`http://${written}`)?.host;
  if (host === undefined) throw malformed(entry, 'is neither NAME, NAME:PORT nor *.NAME');
  const problem = problemOf(host, written, wildcard !== undefined);
  if (problem !== undefined) throw malformed(entry, problem);
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    throw malformed(entry, 'has a port that does not exist');
  }
  return { host, below: wildcard !== undefined, ports: port === undefined ? WEB_PORTS : [Number(port)] };
}

function problemOf(host: string, written: string, below: boolean): string | undefined {
  if (host === 'localhost' || host.endsWith('.localhost')) {
    return 'names this machine, which a list must do by address: 127.0.0.1 or [::1]';
  }
  if (isIP(host) === 0) return undefined;
  if (below) return 'asks for names below an address';
  // 127.1 and 0x7f000001 are addresses too; who reads the list should see which.
  return isIP(written.replace(/^\[|\]$/g, '')) === 0 ? `is the address ${host}: write it so` : undefined;
}

function malformed(entry: string, problem: string): SandboxError {
  return new SandboxError('SANDBOX_SPEC_INVALID', `the allowed host ${JSON.stringify(entry)} ${problem}`, {
    details: { entry },
  });
}
