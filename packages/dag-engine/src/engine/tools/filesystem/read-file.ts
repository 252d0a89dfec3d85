import { extname } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import type { JsonObject } from '../../model/json.ts';
import { ToolError } from '../errors.ts';
import type { ToolContext } from '../tool-ports.ts';
import { locate } from './locate.ts';
import { openFile } from './open-file.ts';
import { tellingFailures } from './system-failure.ts';
import { readMaxBytes, readPath } from './tool-inputs.ts';

const DEFAULT_MAX_BYTES = 50_000;
const BINARY_SAMPLE_BYTES = 512;
const BINARY_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    '.7z .a .bin .bmp .bz2 .class .dll .dylib .exe .gif .gz .ico .jar .jpeg .jpg .mp3 .mp4 .o .pdf .png .pyc .so ' +
    '.sqlite .tar .ttf .wasm .webp .woff .woff2 .xz .zip'
  ).split(' '),
);

/**
 * The tool `read_file {path, max_bytes=50000}` → `{path, relative_path, bytes_read, content}`: the beginning of a text
 * file, up to `max_bytes`; bytes that are not UTF-8 become U+FFFD. Binary files are refused.
 */
export async function readFileTool(inputs: JsonObject, context: ToolContext): Promise<JsonObject> {
  const path = readPath(inputs);
  const maxBytes = readMaxBytes(inputs, DEFAULT_MAX_BYTES);
  return tellingFailures(path, async () => {
    const location = await locate(path, context);
    await using file = await openFile(location, 'read');
    const { bytes, truncated } = await readStart(file, maxBytes);
    if (isBinary(location.relativePath, bytes))
      throw new ToolError('TOOL_FAILED', `"${path}" is a binary file`);
    // `stream` leaves out a character that the limit cut in two.
    const content = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: truncated });
    const { relativePath: relative_path } = location;
    return { path: location.path, relative_path, bytes_read: bytes.byteLength, content };
  });
}

async function readStart(
  file: FileHandle,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly truncated: boolean }> {
  const { size } = await file.stat();
  const buffer = new Uint8Array(Math.min(maxBytes, size));
  let length = 0;
  while (length < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return { bytes: buffer.subarray(0, length), truncated: size > maxBytes };
}

function isBinary(path: string, bytes: Uint8Array): boolean {
  return (
    BINARY_EXTENSIONS.has(extname(path).toLowerCase()) || bytes.subarray(0, BINARY_SAMPLE_BYTES).includes(0)
  );
}
