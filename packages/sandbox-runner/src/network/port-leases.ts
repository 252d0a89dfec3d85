import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';
import { readProcessStart } from '../process/process-table.ts';

/** Ports that the commands of one sandbox may listen on, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A range that nobody else is given until it is released. */
export interface PortLease extends AsyncDisposable {
  readonly range: PortRange;
}

const RANGE_PORTS = 20;
/** Below the ports that Linux and macOS give to outgoing connections. */
const FIRST_PORT = 20_000;
const RANGES = 600;
const MAX_ROUNDS = 3;

/** The range of a sandbox that shares its ports with nobody. */
export const OWN_PORTS: PortRange = rangeOf(0);

/**
 * Leases a range of this machine's ports, by files in a folder that all who lease share. Each claim is a
 * file of its own, named by range and process. Who finds a second living claim on a range takes its own
 * back: of two claims the later one always finds the other, so a range is never held twice. What a dead
 * process claimed counts for nothing.
 *
 * @throws {SandboxError} SANDBOX_SETUP_FAILED when no range is free.
 */
export async function leasePorts(folder: string, { ranges = RANGES } = {}): Promise<PortLease> {
  await mkdir(folder, { recursive: true });
  // Two who met on the last free range both let go of it; they meet again less and less likely.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const claimed = new Set((await readClaims(folder)).map(({ index }) => index));
    const start = randomInt(ranges);
    const order = Array.from({ length: ranges }, (_, offset) => (start + offset) % ranges);
    // Ranges that bear a claim may be free too, but finding out takes longer.
    for (const index of order.toSorted((a, b) => Number(claimed.has(a)) - Number(claimed.has(b)))) {
      const file = await claim(folder, index);
      if (file === undefined) continue;
      return { range: rangeOf(index), [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    }
  }
  throw new SandboxError('SANDBOX_SETUP_FAILED', 'all ranges of ports are leased', { details: { folder } });
}

/** Gives the file that holds the range from now on; undefined when somebody else has it. */
async function claim(folder: string, index: number): Promise<string | undefined> {
  const token = randomBytes(8).toString('hex');
  const start = encodeURIComponent((await readProcessStart(process.pid)) ?? '');
  const name = [index, token, process.pid, start].join('.');
  const file = join(folder, name);
  await writeFile(file, '', { flag: 'wx' });
  if ((await isHeldByOther(folder, index, name)) || !(await areFree(rangeOf(index)))) {
    await rm(file, { force: true });
    return undefined;
  }
  return file;
}

async function isHeldByOther(folder: string, index: number, own: string): Promise<boolean> {
  for (const other of await readClaims(folder)) {
    if (other.index !== index || other.name === own) continue;
    if (await isAlive(other)) return true;
    // No name is ever used again, so this is nobody else's by now.
    await rm(join(folder, other.name), { force: true });
  }
  return false;
}

interface Claim {
  readonly name: string;
  readonly index: number;
  readonly pid: number;
  readonly start: string;
}

async function readClaims(folder: string): Promise<Claim[]> {
  return (await readdir(folder)).flatMap((name) => {
    const [, index, pid, start = ''] = /^([0-9]+)\.[0-9a-f]+\.([0-9]+)\.(.*)$/.exec(name) ?? [];
    return index === undefined ? [] : [{ name, index: Number(index), pid: Number(pid), start }];
  });
}

async function isAlive({ pid, start }: Claim): Promise<boolean> {
  return encodeURIComponent((await readProcessStart(pid)) ?? '') === start;
}

/** Whether no server listens there, of somebody who leases elsewhere or not at all. */
async function areFree({ first, last }: PortRange): Promise<boolean> {
  const ports = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  return !(await Promise.all(ports.map(isFree))).includes(false);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function rangeOf(index: number): PortRange {
  const first = FIRST_PORT + index * RANGE_PORTS;
  return { first, last: first + RANGE_PORTS - 1 };
}
