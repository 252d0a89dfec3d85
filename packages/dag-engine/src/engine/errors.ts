import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** Why the engine refuses something; what goes wrong in a run is an error record, never one of these. */
export type EngineErrorName =
  | 'MANIFEST_UNREADABLE'
  | 'MANIFEST_INVALID'
  | 'DAG_INVALID'
  | 'MANIFESTS_INVALID'
  | 'INPUT_INVALID'
  | 'START_NODE_INVALID'
  | 'CREDENTIAL_MISSING'
  | 'QUEUE_REFUSED'
  | 'STORE_FAILED'
  | 'REPL_FAILED'
  | 'COMMAND_FAILED'
  | 'ENGINE_BUG';

const TRAITS: Readonly<Record<EngineErrorName, ErrorTraits>> = {
  MANIFEST_UNREADABLE: { kind: 'config', retryable: false },
  MANIFEST_INVALID: { kind: 'config', retryable: false },
  DAG_INVALID: { kind: 'config', retryable: false },
  MANIFESTS_INVALID: { kind: 'config', retryable: false },
  INPUT_INVALID: { kind: 'user', retryable: false },
  START_NODE_INVALID: { kind: 'user', retryable: false },
  CREDENTIAL_MISSING: { kind: 'config', retryable: false },
  QUEUE_REFUSED: { kind: 'user', retryable: true },
  STORE_FAILED: { kind: 'internal', retryable: true },
  REPL_FAILED: { kind: 'user', retryable: false },
  COMMAND_FAILED: { kind: 'user', retryable: false },
  ENGINE_BUG: { kind: 'internal', retryable: false },
};

interface EngineErrorOptions {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Base of everything the engine throws. */
export class EngineError extends SwarmError<EngineErrorName> {
  constructor(code: EngineErrorName, message: string, options: EngineErrorOptions = {}) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}

/** A manifest that is missing, empty or cannot be read as what it should be. */
export class ManifestLoadError extends EngineError {
  readonly fileName: string;
  /** The message without the file. */
  readonly reason: string;

  constructor(fileName: string, reason: string, options: { readonly cause?: unknown } = {}) {
    super('MANIFEST_UNREADABLE', `Error loading ${fileName}: ${reason}`, {
      ...options,
      details: { fileName },
    });
    this.fileName = fileName;
    this.reason = reason;
  }
}

/** A manifest whose entry at `fieldPath` does not have the accepted form. */
export class SchemaValidationError extends EngineError {
  readonly fileName: string;
  readonly fieldPath: string;
  readonly reason: string;

  constructor(fileName: string, fieldPath: string, reason: string) {
    super('MANIFEST_INVALID', `Schema validation error in ${fileName} at ${fieldPath}: ${reason}`, {
      details: { fileName, fieldPath },
    });
    this.fileName = fileName;
    this.fieldPath = fieldPath;
    this.reason = reason;
  }
}

/** Nodes and edges that form no valid DAG. */
export class DAGValidationError extends EngineError {
  readonly nodeId: string | undefined;
  readonly reason: string;

  constructor(reason: string, nodeId?: string) {
    const where = nodeId === undefined ? '' : ` at node ${nodeId}`;
    super('DAG_INVALID', `DAG validation error${where}: ${reason}`, { details: { nodeId } });
    this.nodeId = nodeId;
    this.reason = reason;
  }
}

export type ManifestProblem = ManifestLoadError | SchemaValidationError | DAGValidationError;

/** Everything that is wrong with a configuration directory; the first problem is also the cause. */
export class AggregateManifestError extends EngineError {
  readonly errors: readonly ManifestProblem[];

  constructor(errors: readonly [ManifestProblem, ...ManifestProblem[]]) {
    super('MANIFESTS_INVALID', errors.map(({ message }) => message).join('\n'), { cause: errors[0] });
    this.errors = errors;
  }
}

/** A credential that is unknown or could not be loaded. */
export class CredentialNotFoundError extends EngineError {
  constructor(credentialId: string, reason: string) {
    super('CREDENTIAL_MISSING', `credential ${credentialId}: ${reason}`, { details: { credentialId } });
  }
}

/** A session that cannot start or go on: profiles, history files, terminals. */
export class CliError extends EngineError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('REPL_FAILED', message, options);
  }

  toJSON(): { readonly message: string } {
    return { message: this.message };
  }
}

/** A command of the REPL that cannot do what it was asked. */
export class CommandError extends EngineError {
  readonly commandName: string;
  readonly args: string | undefined;
  /** The message without the command. */
  readonly reason: string;

  constructor(
    reason: string,
    commandName: string,
    options: { readonly args?: string; readonly cause?: unknown } = {},
  ) {
    const { args, cause } = options;
    const given = args === undefined || args === '' ? '' : ` (args: ${args})`;
    super('COMMAND_FAILED', `Command '${commandName}' error: ${reason}${given}`, {
      details: { commandName },
      cause,
    });
    this.commandName = commandName;
    this.args = args;
    this.reason = reason;
  }

  toJSON(): { readonly message: string; readonly command_name: string; readonly args?: string } {
    const { message, commandName, args } = this;
    return { message, command_name: commandName, ...(args === undefined ? {} : { args }) };
  }
}
