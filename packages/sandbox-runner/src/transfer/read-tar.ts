import { createByteReader, type ByteReader } from './byte-reader.ts';
import { BLOCK_BYTES, decodeText, parseTarHeader, type TarHeader } from './tar-header.ts';
import { transferRefused } from './transfer-refused.ts';

/** Text about the next entry: long names. A hostile archive must not fill the memory with it. */
const MAX_TEXT_BYTES = 64 * 1024;
/** Archives are filled up with zeros to a multiple of some record size. */
const MAX_PADDING_BYTES = 1024 * 1024;

/** One file, folder or link, by the name the archive gives it: any text at all. */
export type TarEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly executable: boolean;
      readonly size: number;
      /** Contract: read to its end before the next entry is asked for. */
      readonly content: AsyncIterable<Uint8Array>;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** One more name for a file that came before. */
  | { readonly kind: 'copy'; readonly path: string; readonly of: string };

/** Reads an archive as it comes. @throws SANDBOX_TRANSFER_REFUSED when it is damaged, or holds anything else. */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = createByteReader(stream);
  let told: Told = {};
  for (;;) {
    const header = parseTarHeader(await reader.take(BLOCK_BYTES));
    if (header === undefined) return await reader.drain(MAX_PADDING_BYTES);
    const more = await readMore(reader, header);
    if (more !== undefined) {
      told = { ...told, ...more };
      continue;
    }
    yield entryOf(header, told, reader);
    told = {};
    if (isFile(header)) await reader.take(paddingOf(header.size));
  }
}

/** Names that did not fit into a header. */
interface Told {
  readonly name?: string;
  readonly linkName?: string;
}

/** What a header tells about the next one; undefined when it is an entry itself. */
async function readMore(reader: ByteReader, { type, size }: TarHeader): Promise<Told | undefined> {
  if (!['x', 'g', 'L', 'K'].includes(type)) return undefined;
  if (size > MAX_TEXT_BYTES) throw transferRefused('a name is too long');
  const text = await reader.take(size);
  await reader.take(paddingOf(size));
  if (type === 'x') return parsePax(text);
  if (type === 'g') return {};
  const end = text.indexOf(0);
  const name = decodeText(end < 0 ? text : text.subarray(0, end));
  return type === 'L' ? { name } : { linkName: name };
}

/** Records of the form `LENGTH KEY=VALUE\n`. */
function parsePax(bytes: Uint8Array): Told {
  let told: Told = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(decodeText(bytes.subarray(at, Math.max(at, space))));
    if (!Number.isSafeInteger(length) || length <= space - at || at + length > bytes.length) {
      throw transferRefused('it is no archive');
    }
    const record = decodeText(bytes.subarray(space + 1, at + length - 1));
    const [key = '', value] = [record.split('=', 1)[0], record.slice(record.indexOf('=') + 1)];
    if (key === 'path') told = { ...told, name: value };
    if (key === 'linkpath') told = { ...told, linkName: value };
    // Would change how the content is to be read.
    if (key === 'size' || key.startsWith('GNU.sparse')) throw transferRefused(`its headers tell ${key}`);
    at += length;
  }
  return told;
}

function entryOf(header: TarHeader, told: Told, reader: ByteReader): TarEntry {
  const { size, executable, type } = header;
  const path = told.name ?? header.name();
  const linkName = () => told.linkName ?? header.linkName();
  if (isFile(header)) return { kind: 'file', path, executable, size, content: reader.pass(size) };
  if (size !== 0) throw transferRefused('it is no archive');
  if (type === '5') return { kind: 'folder', path };
  if (type === '2') return { kind: 'link', path, target: linkName() };
  if (type === '1') return { kind: 'copy', path, of: linkName() };
  throw transferRefused(`${JSON.stringify(path)} is neither file nor folder nor link`);
}

function isFile({ type }: TarHeader): boolean {
  return type === '0' || type === '7';
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}
