import { constants } from 'node:fs';
import { lstat, open, readdir, readlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errors.ts';
import { MAX_DEPTH, type Allowance } from './allowance.ts';
import { BLOCK_BYTES, decodeText, formatTarHeader } from './tar-header.ts';
import { transferRefused } from './transfer-refused.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const HAS_PROC = process.platform === 'linux';
const CHUNK_BYTES = 256 * 1024;
const SHORT_NAME = /^[\x20-\x7e]{1,100}$/;

interface Packing {
  readonly left: Allowance;
  readonly signal?: AbortSignal;
}

/**
 * Gives a folder of the host as an archive: its files, folders and links. Links are never followed, also
 * when one appears meanwhile, and a file gives as many bytes as it had when its turn came.
 *
 * @throws SANDBOX_TRANSFER_REFUSED for anything else in it, or a file that shrinks.
 */
export async function* packTree(folder: string, packing: Packing): AsyncGenerator<Uint8Array> {
  await using top = await openFolder(folder).catch((cause: unknown) => {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(cause) ?? '')) throw cause;
    throw transferRefused(`${folder} is no plain folder`, cause);
  });
  yield* packFolder(top, '', packing);
  yield new Uint8Array(2 * BLOCK_BYTES);
}

interface OpenFolder extends AsyncDisposable {
  /** Leads to this very folder, whatever has its name by now. */
  readonly path: string;
}

async function openFolder(path: string): Promise<OpenFolder> {
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  return {
    path: HAS_PROC ? `/proc/self/fd/${handle.fd}` : path,
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function* packFolder(folder: OpenFolder, prefix: string, packing: Packing): AsyncGenerator<Uint8Array> {
  if (prefix.split('/').length > MAX_DEPTH) throw transferRefused(`it is deeper than ${MAX_DEPTH} folders`);
  for (const raw of await readdir(folder.path, { encoding: 'buffer' })) {
    packing.signal?.throwIfAborted();
    const name = decodeText(raw);
    yield* packEntry({ at: join(folder.path, name), path: `${prefix}${name}` }, packing);
  }
}

interface Entry {
  /** Where it is, through its open folder. */
  readonly at: string;
  /** Its name in the archive. */
  readonly path: string;
}

async function* packEntry({ at, path }: Entry, packing: Packing): AsyncGenerator<Uint8Array> {
  try {
    const stats = await lstat(at);
    const mtimeSeconds = stats.mtimeMs / 1000;
    if (stats.isSymbolicLink()) {
      packing.left.take(0);
      yield* header({ path, type: '2', size: 0, linkName: await readlink(at), mtimeSeconds });
    } else if (stats.isDirectory()) {
      packing.left.take(0);
      await using folder = await openFolder(at);
      yield* header({ path, type: '5', size: 0, mtimeSeconds });
      yield* packFolder(folder, `${path}/`, packing);
    } else if (stats.isFile()) {
      await using file = await open(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      yield* packFile(file, path, packing);
    } else {
      throw transferRefused(`${JSON.stringify(path)} is neither file nor folder nor link`);
    }
  } catch (cause) {
    // Exchanged, removed or unreadable.
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL', 'EACCES'].includes(errnoOf(cause) ?? '')) throw cause;
    throw transferRefused(`${JSON.stringify(path)} cannot be read`, cause);
  }
}

async function* packFile(file: FileHandle, path: string, packing: Packing): AsyncGenerator<Uint8Array> {
  const stats = await file.stat();
  if (!stats.isFile()) throw transferRefused(`${JSON.stringify(path)} is no file any more`);
  const { size } = stats;
  packing.left.take(size);
  const executable = (stats.mode & 0o111) !== 0;
  yield* header({ path, type: '0', size, executable, mtimeSeconds: stats.mtimeMs / 1000 });
  for (let position = 0; position < size;) {
    packing.signal?.throwIfAborted();
    const length = Math.min(CHUNK_BYTES, size - position);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead === 0) throw transferRefused(`${JSON.stringify(path)} became shorter`);
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  yield* paddingAfter(size);
}

interface HeaderRequest {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly mtimeSeconds: number;
  readonly linkName?: string;
  readonly executable?: boolean;
}

function* header(request: HeaderRequest): Generator<Uint8Array> {
  const { path, linkName = '', executable = false, ...rest } = request;
  const fields = { executable, linkName: '', ...rest };
  const long = [
    ...(SHORT_NAME.test(path) ? [] : [paxRecord('path', path)]),
    ...(linkName === '' || SHORT_NAME.test(linkName) ? [] : [paxRecord('linkpath', linkName)]),
  ];
  if (long.length > 0) {
    const text = Buffer.from(long.join(''));
    yield formatTarHeader({ ...fields, name: 'long', type: 'x', size: text.length });
    yield text;
    yield* paddingAfter(text.length);
  }
  yield formatTarHeader({
    ...fields,
    name: SHORT_NAME.test(path) ? path : 'long',
    linkName: SHORT_NAME.test(linkName) ? linkName : '',
  });
}

/** `LENGTH KEY=VALUE\n`, the length being that of all of it. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length += 1;
  return `${length} ${key}=${value}\n`;
}

function* paddingAfter(size: number): Generator<Uint8Array> {
  const used = size % BLOCK_BYTES;
  if (used > 0) yield new Uint8Array(BLOCK_BYTES - used);
}
