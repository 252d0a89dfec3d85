import type { JsonValue } from '../model/json.ts';
import type { CliProfile } from '../model/manifest-set.ts';

export interface EngineInputParts {
  readonly text: string;
  readonly profileId: string;
  readonly sessionId: string;
  /** Absolute paths, sorted. */
  readonly attachedFiles: readonly string[];
  /** Contents by path; only read when the profile includes them. */
  readonly contents: ReadonlyMap<string, string>;
}

/** What a line becomes for the engine: the text itself, or an object when the profile adds something to it. */
export function engineInputOf(parts: EngineInputParts, mapping: CliProfile['input_mapping']): JsonValue {
  const input = mapping.mode === 'raw' ? parseOrText(parts.text) : parts.text;
  const { attach_files_as_context, include_profile_id, include_session_id, include_contents } = mapping;
  if (!attach_files_as_context && !include_profile_id && !include_session_id && !include_contents) {
    return input;
  }
  return {
    input,
    ...(include_profile_id ? { profile_id: parts.profileId } : {}),
    ...(include_session_id ? { session_id: parts.sessionId } : {}),
    ...(attach_files_as_context ? { attached_files: [...parts.attachedFiles] } : {}),
    ...(include_contents
      ? { attached_contents: [...parts.contents].map(([path, content]) => ({ path, content })) }
      : {}),
  };
}

/** JSON where it is JSON, else the text. */
export function parseOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
