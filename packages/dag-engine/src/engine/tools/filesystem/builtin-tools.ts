import type { ToolDefinition } from '../../model/manifest-set.ts';
import type { ToolHandler } from '../tool-ports.ts';
import { listFilesTool } from './list-files.ts';
import { readFileTool } from './read-file.ts';
import { writeFileTool } from './write-file.ts';

/** A tool that comes with the engine. */
export interface BuiltinTool {
  readonly run: ToolHandler;
  readonly mutates: boolean;
}

const READ: BuiltinTool = { run: readFileTool, mutates: false };
const WRITE: BuiltinTool = { run: writeFileTool, mutates: true };
const LIST: BuiltinTool = { run: listFilesTool, mutates: false };

const BY_ENTRYPOINT: ReadonlyMap<string, BuiltinTool> = new Map([
  ['agent_engine.tools.filesystem:read_file', READ],
  ['agent_engine.tools.filesystem:write_file', WRITE],
  ['agent_engine.tools.filesystem:list_files', LIST],
]);

const BY_ID: ReadonlyMap<string, BuiltinTool> = new Map([
  ['filesystem.read_file', READ],
  ['filesystem.write_file', WRITE],
  ['filesystem.list', LIST],
]);

/** The engine's own tool that a definition means by its entrypoint, or else by its id. */
export function builtinTool({ entrypoint, tool_id }: ToolDefinition): BuiltinTool | undefined {
  return BY_ENTRYPOINT.get(entrypoint) ?? BY_ID.get(tool_id);
}
