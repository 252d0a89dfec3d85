import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/**
 * Why the engine refused to do something. What goes wrong while a workflow runs is never one of these: it is an
 * `EngineErrorRecord` in the result.
 */
export type EngineFaultCode =
  | 'MANIFEST_UNREADABLE'
  | 'MANIFEST_INVALID'
  | 'WORKFLOW_INVALID'
  | 'CONFIG_DIRECTORY_INVALID'
  | 'CREDENTIAL_NOT_FOUND'
  | 'CLI_FAILED'
  | 'COMMAND_FAILED'
  | 'INPUT_NOT_JSON'
  | 'START_NODE_INVALID'
  | 'QUEUE_FULL'
  | 'QUEUE_DISABLED'
  | 'ENGINE_CLOSED'
  | 'ID_UNKNOWN';

const TRAITS: Readonly<Record<EngineFaultCode, ErrorTraits>> = {
  MANIFEST_UNREADABLE: { kind: 'config', retryable: false },
  MANIFEST_INVALID: { kind: 'config', retryable: false },
  WORKFLOW_INVALID: { kind: 'config', retryable: false },
  CONFIG_DIRECTORY_INVALID: { kind: 'config', retryable: false },
  CREDENTIAL_NOT_FOUND: { kind: 'config', retryable: false },
  CLI_FAILED: { kind: 'user', retryable: false },
  COMMAND_FAILED: { kind: 'user', retryable: false },
  INPUT_NOT_JSON: { kind: 'user', retryable: false },
  START_NODE_INVALID: { kind: 'user', retryable: false },
  QUEUE_FULL: { kind: 'transient', retryable: true },
  QUEUE_DISABLED: { kind: 'config', retryable: false },
  ENGINE_CLOSED: { kind: 'internal', retryable: false },
  ID_UNKNOWN: { kind: 'user', retryable: false },
};

interface ErrorOptions {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Base of everything the engine throws. */
export class EngineError extends SwarmError<EngineFaultCode> {
  constructor(code: EngineFaultCode, message: string, options: ErrorOptions = {}) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}

/** A manifest that cannot be read at all: missing, empty, too large, not YAML, not a mapping. */
export class ManifestLoadError extends EngineError {
  readonly fileName: string;
  /** Where in the file, when a single entry is at fault. */
  readonly fieldPath: string | null;
  /** What is wrong, without the file. */
  readonly problem: string;

  constructor(
    fileName: string,
    problem: string,
    options: { readonly fieldPath?: string; readonly cause?: unknown } = {},
  ) {
    const { fieldPath = null, ...rest } = options;
    super('MANIFEST_UNREADABLE', `Error loading ${fileName}: ${problem}`, {
      ...rest,
      details: { file_name: fileName, field_path: fieldPath },
    });
    this.fileName = fileName;
    this.fieldPath = fieldPath;
    this.problem = problem;
  }
}

/** An entry of a manifest does not say what it must, or names something that does not exist. */
export class SchemaValidationError extends EngineError {
  readonly fileName: string;
  /** `nodes[2]`, `nodes.review`, `tools[0].permissions`, … */
  readonly fieldPath: string;
  /** What is wrong, without file and path. */
  readonly problem: string;

  constructor(
    place: { readonly fileName: string; readonly fieldPath: string },
    problem: string,
    options: { readonly cause?: unknown } = {},
  ) {
    const { fileName, fieldPath } = place;
    super('MANIFEST_INVALID', `Schema validation error in ${fileName} at ${fieldPath}: ${problem}`, {
      ...options,
      details: { file_name: fileName, field_path: fieldPath },
    });
    this.fileName = fileName;
    this.fieldPath = fieldPath;
    this.problem = problem;
  }
}

/** The nodes and edges of `workflow.yaml` are each well formed but make no legal DAG. */
export class DAGValidationError extends EngineError {
  readonly fileName = 'workflow.yaml';
  /** The node at fault; `null` where no single one is. */
  readonly nodeId: string | null;
  /** What is wrong, without the node. */
  readonly problem: string;

  constructor(nodeId: string | null, problem: string, options: { readonly cause?: unknown } = {}) {
    const place = nodeId === null ? '' : ` at node ${nodeId}`;
    super('WORKFLOW_INVALID', `DAG validation error${place}: ${problem}`, {
      ...options,
      details: { file_name: 'workflow.yaml', node_id: nodeId },
    });
    this.nodeId = nodeId;
    this.problem = problem;
  }
}

/** One thing that is wrong with a configuration directory. */
export type ManifestError = ManifestLoadError | SchemaValidationError | DAGValidationError | CliError;

/** More than one thing is wrong with a configuration directory; `cause` is the first. */
export class AggregateManifestError extends EngineError {
  readonly errors: readonly ManifestError[];

  constructor(errors: readonly ManifestError[]) {
    const lines = errors.map(({ message }) => `\n  ${message}`);
    super('CONFIG_DIRECTORY_INVALID', `${errors.length} problems:${lines.join('')}`, {
      cause: errors[0],
      details: { problems: errors.map(({ message, details }) => ({ message, ...details })) },
    });
    this.errors = errors;
  }
}

/** The credential is not declared, or could not be loaded. The message never holds a value. */
export class CredentialNotFoundError extends EngineError {
  readonly credentialId: string;

  constructor(credentialId: string, reason: string, options: { readonly cause?: unknown } = {}) {
    super('CREDENTIAL_NOT_FOUND', `Credential '${credentialId}' is not available: ${reason}`, {
      ...options,
      details: { credential_id: credentialId },
    });
    this.credentialId = credentialId;
  }
}

/** The REPL or its profiles cannot do what was asked. */
export class CliError extends EngineError {
  constructor(message: string, details: ErrorDetails = {}, options: { readonly cause?: unknown } = {}) {
    super('CLI_FAILED', message, { ...options, details });
  }

  toJSON(): { readonly message: string; readonly details: ErrorDetails } {
    return { message: this.message, details: this.details };
  }
}

/** The person at the REPL interrupted the command that asked for a line. */
export class InterruptedError extends CliError {
  constructor() {
    super('Interrupted');
  }
}

/** A slash command of the REPL failed; the session goes on. */
export class CommandError extends EngineError {
  readonly commandName: string;
  readonly args: string | null;
  /** What is wrong, without the command. */
  readonly problem: string;

  constructor(
    commandName: string,
    problem: string,
    options: { readonly args?: string; readonly cause?: unknown } = {},
  ) {
    const { args = null, ...rest } = options;
    const suffix = args === null || args === '' ? '' : ` (args: ${args})`;
    super('COMMAND_FAILED', `Command '${commandName}' error: ${problem}${suffix}`, {
      ...rest,
      details: { command_name: commandName, args },
    });
    this.commandName = commandName;
    this.args = args;
    this.problem = problem;
  }

  toJSON(): { readonly message: string; readonly command_name: string; readonly args: string | null } {
    return { message: this.message, command_name: this.commandName, args: this.args };
  }
}
