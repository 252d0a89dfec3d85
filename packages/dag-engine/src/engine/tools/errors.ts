import { SwarmError, type ErrorTraits } from '@agentswarm/core';

/** Why a tool handler refuses or gives up. */
export type ToolErrorCode = 'TOOL_PATH_ESCAPE' | 'TOOL_INPUT_INVALID' | 'TOOL_FAILED';

const TRAITS: Readonly<Record<ToolErrorCode, ErrorTraits>> = {
  TOOL_PATH_ESCAPE: { kind: 'user', retryable: false },
  TOOL_INPUT_INVALID: { kind: 'user', retryable: false },
  TOOL_FAILED: { kind: 'user', retryable: false },
};

/**
 * Thrown by tool handlers. TOOL_PATH_ESCAPE and TOOL_INPUT_INVALID are misuse and fail the node; everything else a
 * handler throws is a failure of the call only.
 */
export class ToolError extends SwarmError<ToolErrorCode> {
  constructor(
    code: ToolErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
