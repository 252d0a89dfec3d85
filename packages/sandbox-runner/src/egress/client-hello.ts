/** What the first bytes of a connection turn out to be. */
export type Opening =
  | { readonly kind: 'incomplete' }
  /** The start of TLS; `serverName` is the host that the client asks for, lower case, where it names one. */
  | { readonly kind: 'tls'; readonly serverName: string | undefined }
  /** Begins like TLS, and is not what a client sends first, or can be read in two ways. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'other' };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME_EXTENSION = 0;
const HOST_NAME = 0;
const RECORD_HEADER_BYTES = 5;
const VERSION_AND_RANDOM_BYTES = 34;

/** Reads the opening of a connection, without believing any of its lengths. */
export function readOpening(bytes: Uint8Array): Opening {
  if (bytes.length === 0) return { kind: 'incomplete' };
  if (bytes[0] !== HANDSHAKE_RECORD) return { kind: 'other' };
  const { message, isWhole } = joinRecords(bytes);
  const header = new Cursor(message);
  const type = header.number(1);
  if (type !== undefined && type !== CLIENT_HELLO) return { kind: 'broken' };
  const body = header.block(3);
  if (body !== undefined) return readHello(body);
  return isWhole ? { kind: 'broken' } : { kind: 'incomplete' };
}

/**
 * The content of the handshake records that the bytes begin with: a message may be spread over several.
 * It is whole when something else follows.
 */
function joinRecords(bytes: Uint8Array): { readonly message: Uint8Array; readonly isWhole: boolean } {
  const parts: Uint8Array[] = [];
  let isWhole = false;
  for (let at = 0; at < bytes.length && !isWhole;) {
    const [type, major, , high = 0, low = 0] = bytes.subarray(at, at + RECORD_HEADER_BYTES);
    const start = at + RECORD_HEADER_BYTES;
    at = start + high * 256 + low;
    isWhole = type !== HANDSHAKE_RECORD || (major !== undefined && major !== 3);
    if (!isWhole) parts.push(bytes.subarray(start, at));
  }
  return { message: Buffer.concat(parts), isWhole };
}

function readHello(body: Uint8Array): Opening {
  const hello = new Cursor(body);
  hello.skip(VERSION_AND_RANDOM_BYTES);
  // Session, ciphers, compressions.
  for (const lengthBytes of [1, 2, 1]) hello.block(lengthBytes);
  // Old clients end here.
  const extensions = hello.isAtEnd() ? new Uint8Array() : hello.block(2);
  const names = extensions === undefined ? undefined : serverNamesIn(extensions);
  if (hello.isBroken() || names === undefined || names.length > 1) return { kind: 'broken' };
  const [name] = names;
  return name === undefined ? { kind: 'tls', serverName: undefined } : readServerName(name);
}

/** The contents of all extensions that name servers; undefined when the list is broken. */
function serverNamesIn(list: Uint8Array): Uint8Array[] | undefined {
  const extensions = new Cursor(list);
  const found: Uint8Array[] = [];
  while (!extensions.isAtEnd()) {
    const type = extensions.number(2);
    const content = extensions.block(2);
    if (content === undefined) return undefined;
    if (type === SERVER_NAME_EXTENSION) found.push(content);
  }
  return found;
}

function readServerName(extension: Uint8Array): Opening {
  const content = new Cursor(extension);
  const list = new Cursor(content.block(2) ?? new Uint8Array());
  const type = list.number(1);
  const name = list.block(2);
  // More than one name, or more than names, is nothing a client sends.
  if (!content.isAtEnd() || !list.isAtEnd() || type !== HOST_NAME || name === undefined) {
    return { kind: 'broken' };
  }
  const serverName = Buffer.from(name).toString('latin1').toLowerCase().replace(/\.$/, '');
  return { kind: 'tls', serverName };
}

/** Reads numbers and blocks one after the other; after the first that is not all there, nothing more. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length && !this.#isBroken;
  }

  isBroken(): boolean {
    return this.#isBroken;
  }

  skip(length: number): Uint8Array | undefined {
    if (this.#isBroken || this.#at + length > this.#bytes.length) {
      this.#isBroken = true;
      return undefined;
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A number of so many bytes, the biggest first. */
  number(length: number): number | undefined {
    return this.skip(length)?.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Bytes that a number of so many bytes counts. */
  block(lengthBytes: number): Uint8Array | undefined {
    const length = this.number(lengthBytes);
    return length === undefined ? undefined : this.skip(length);
  }
}
