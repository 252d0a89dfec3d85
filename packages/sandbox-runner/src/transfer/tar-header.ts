import { transferRefused } from './transfer-refused.ts';

export const BLOCK_BYTES = 512;

const CHECKSUM = { at: 148, length: 8 };
/** Beyond this a size is written as a number in base 256. */
const MAX_OCTAL_SIZE = 0o77777777777;

/** One header block. Its names are read when asked for: cut short, they need not even be text. */
export interface TarHeader {
  readonly size: number;
  readonly executable: boolean;
  /** The type as its character: `0` file, `1` hard link, `2` link, `5` folder, `x`, `L`, `K` more about the next. */
  readonly type: string;
  readonly name: () => string;
  readonly linkName: () => string;
}

/** Reads a header block; undefined for one of zeros, which ends an archive. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (parseNumber(block, CHECKSUM.at, CHECKSUM.length) !== checksumOf(block)) {
    throw transferRefused('it is no archive');
  }
  const hasPrefix = block[262] === 0 && block[345] !== 0;
  return {
    name: () => `${hasPrefix ? `${text(block, 345, 155)}/` : ''}${text(block, 0, 100)}`,
    size: parseNumber(block, 124, 12),
    executable: (parseNumber(block, 100, 8) & 0o111) !== 0,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    linkName: () => text(block, 157, 100),
  };
}

export interface HeaderFields extends Pick<TarHeader, 'size' | 'executable' | 'type'> {
  readonly name: string;
  readonly linkName: string;
  readonly mtimeSeconds: number;
}

/** Writes a header block. Contract: names fit, in ASCII; others are told in a block of type `x` before. */
export function formatTarHeader(fields: HeaderFields): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(fields.name, 0, 100, 'latin1');
  block.write(fields.executable || fields.type === '5' ? '0000755\0' : '0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(octal(fields.size, 11), 124);
  block.write(octal(Math.max(0, Math.floor(fields.mtimeSeconds)), 11), 136);
  block.write(fields.type, 156);
  block.write(fields.linkName, 157, 100, 'latin1');
  block.write('ustar\u000000', 257);
  block.write(`${octal(checksumOf(block), 6)} `, CHECKSUM.at);
  return block;
}

function octal(value: number, digits: number): string {
  if (value > MAX_OCTAL_SIZE) throw transferRefused('a file is larger than 8 GiB');
  return `${value.toString(8).padStart(digits, '0')}\0`;
}

function checksumOf(block: Uint8Array): number {
  const isChecksum = (index: number) => index >= CHECKSUM.at && index < CHECKSUM.at + CHECKSUM.length;
  return block.reduce((sum, byte, index) => sum + (isChecksum(index) ? 32 : byte), 0);
}

function parseNumber(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  const first = field[0] ?? 0;
  const value =
    first >= 0x80
      ? field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x7f)
      : Number.parseInt(text(block, at, length).trim() || '0', 8);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw transferRefused('it is no archive');
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return decodeText(end < 0 ? field : field.subarray(0, end));
}

/** @throws SANDBOX_TRANSFER_REFUSED for bytes that are no text, which cannot be told on every machine. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw transferRefused('a name is not valid UTF-8', cause);
  }
}
