import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** Codes of failures the command line finds by itself. */
export type CliErrorCode =
  | 'CLI_USAGE'
  | 'CLI_NO_ENDPOINT'
  | 'CLI_CONFIG_FILE'
  | 'CLI_TARGET_NOT_FOUND'
  | 'CLI_REPOSITORY'
  | 'CLI_RUN_LIVE'
  | 'CLI_RUN_NOT_FOUND'
  | 'CLI_NOTHING_TO_RESUME'
  | 'CLI_TRANSCRIPT_NOT_FOUND'
  | 'CLI_RUN_PROCESS_GONE'
  | 'CLI_DIRECTORY_NOT_EMPTY'
  | 'CLI_FILES_EXIST'
  | 'CLI_ASSET_MISSING'
  | 'CLI_NO_WORKFLOW'
  | 'CLI_FILE_UNREADABLE'
  | 'CLI_INPUT_INVALID'
  | 'CLI_ANSWERS_INVALID'
  | 'CLI_ANSWER_MISSING'
  | 'CLI_AGENT_SETTING'
  | 'CLI_ANSWER_CUT'
  | 'CLI_TASK_NOT_FOUND'
  | 'CLI_NOTHING_TO_EVALUATE'
  | 'CLI_SERVER_NOT_STARTED'
  | 'CLI_COMMAND_FAILED'
  | 'CLI_ENDPOINT_UNKNOWN'
  | 'CLI_PROMPT_EMPTY'
  | 'CLI_CONTEXT_TOO_LARGE'
  | 'CLI_OUTPUT_REFUSED'
  | 'CLI_OUTPUT_EXISTS'
  | 'CLI_ANSWER_EMPTY'
  | 'CLI_ATTEMPT_NOT_FOUND'
  | 'CLI_SNAPSHOT_NOT_FOUND'
  | 'CLI_RESTORE_EXISTS'
  | 'CLI_PYTHON_MISSING'
  | 'CLI_NO_IMAGE'
  | 'CLI_NO_CREDENTIALS';

const TRAITS: Readonly<Record<CliErrorCode, ErrorTraits>> = {
  CLI_USAGE: { kind: 'user', retryable: false },
  CLI_NO_ENDPOINT: { kind: 'config', retryable: false },
  CLI_CONFIG_FILE: { kind: 'config', retryable: false },
  CLI_REPOSITORY: { kind: 'user', retryable: false },
  CLI_TARGET_NOT_FOUND: { kind: 'user', retryable: false },
  CLI_RUN_LIVE: { kind: 'user', retryable: true },
  CLI_RUN_NOT_FOUND: { kind: 'user', retryable: false },
  CLI_NOTHING_TO_RESUME: { kind: 'user', retryable: false },
  CLI_TRANSCRIPT_NOT_FOUND: { kind: 'user', retryable: false },
  CLI_RUN_PROCESS_GONE: { kind: 'user', retryable: false },
  CLI_DIRECTORY_NOT_EMPTY: { kind: 'user', retryable: false },
  CLI_FILES_EXIST: { kind: 'user', retryable: false },
  CLI_NO_WORKFLOW: { kind: 'user', retryable: false },
  CLI_FILE_UNREADABLE: { kind: 'user', retryable: false },
  CLI_INPUT_INVALID: { kind: 'user', retryable: false },
  CLI_ANSWERS_INVALID: { kind: 'config', retryable: false },
  CLI_ANSWER_MISSING: { kind: 'config', retryable: false },
  CLI_AGENT_SETTING: { kind: 'config', retryable: false },
  CLI_ANSWER_CUT: { kind: 'config', retryable: false },
  CLI_TASK_NOT_FOUND: { kind: 'user', retryable: false },
  CLI_NOTHING_TO_EVALUATE: { kind: 'user', retryable: false },
  CLI_ASSET_MISSING: { kind: 'internal', retryable: false },
  CLI_SERVER_NOT_STARTED: { kind: 'transient', retryable: false },
  CLI_COMMAND_FAILED: { kind: 'internal', retryable: false },
  CLI_ENDPOINT_UNKNOWN: { kind: 'user', retryable: false },
  CLI_PROMPT_EMPTY: { kind: 'user', retryable: false },
  CLI_CONTEXT_TOO_LARGE: { kind: 'user', retryable: false },
  CLI_OUTPUT_REFUSED: { kind: 'user', retryable: false },
  CLI_OUTPUT_EXISTS: { kind: 'user', retryable: false },
  CLI_ANSWER_EMPTY: { kind: 'transient', retryable: true },
  CLI_ATTEMPT_NOT_FOUND: { kind: 'user', retryable: false },
  CLI_SNAPSHOT_NOT_FOUND: { kind: 'user', retryable: false },
  CLI_RESTORE_EXISTS: { kind: 'user', retryable: false },
  CLI_PYTHON_MISSING: { kind: 'config', retryable: false },
  CLI_NO_IMAGE: { kind: 'config', retryable: false },
  CLI_NO_CREDENTIALS: { kind: 'config', retryable: false },
};

/** A failure found by the command line itself; how it maps to an exit code follows from its kind. */
export class CliError extends SwarmError<CliErrorCode> {
  constructor(
    code: CliErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
