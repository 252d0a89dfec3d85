import { textOf, type JsonObject } from '../../model/json.ts';
import { ToolError } from '../errors.ts';
import type { ToolContext } from '../tool-ports.ts';
import { locate } from './locate.ts';
import { openFile } from './open-file.ts';
import { tellingFailures } from './system-failure.ts';
import { readMaxBytes, readPath } from './tool-inputs.ts';

const DEFAULT_MAX_BYTES = 1_000_000;

/**
 * The tool `write_file {path, content="", max_bytes=1000000}` → `{path, relative_path, bytes_written, content}`:
 * replaces a file, making it and its directories when missing. Content that is no text is written as JSON.
 */
export async function writeFileTool(inputs: JsonObject, context: ToolContext): Promise<JsonObject> {
  const path = readPath(inputs);
  const maxBytes = readMaxBytes(inputs, DEFAULT_MAX_BYTES);
  const content = textOf((Object.hasOwn(inputs, 'content') ? inputs['content'] : undefined) ?? '');
  const bytes = new TextEncoder().encode(content);
  if (bytes.byteLength > maxBytes) {
    throw new ToolError('TOOL_FAILED', `${bytes.byteLength} bytes are more than the limit of ${maxBytes}`);
  }
  return tellingFailures(path, async () => {
    const location = await locate(path, context);
    await using file = await openFile(location, 'write');
    // Nobody waits for a call that is over, so it must not go on to change the file.
    context.signal.throwIfAborted();
    await file.truncate(0);
    await file.writeFile(bytes);
    const { relativePath: relative_path } = location;
    return { path: location.path, relative_path, bytes_written: bytes.byteLength, content };
  });
}
