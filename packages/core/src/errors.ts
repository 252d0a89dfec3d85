/** How a failure must be treated; retry logic and exit codes read this, never the message. */
export type ErrorKind = 'user' | 'config' | 'conflict' | 'transient' | 'internal';

/** One row of a package's error table: what kind a code is and whether trying again can help. */
export interface ErrorTraits {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
}

/** JSON-safe facts about a failure: identifiers, paths, exit codes. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

const BRAND = Symbol.for('@agentswarm/error');

/**
 * Base of every error AgentSwarm throws. Recognise one with {@link isSwarmError}, which also works
 * across package copies and realms.
 */
export abstract class SwarmError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails;
  readonly traits: ErrorTraits;

  constructor(
    code: Code,
    message: string,
    options: { readonly traits: ErrorTraits; readonly details?: ErrorDetails; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.traits = options.traits;
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Tests the brand, so an error of another copy of this package is recognised too. */
export function isSwarmError(value: unknown): value is SwarmError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

class UnknownError extends SwarmError<'UNKNOWN'> {
  constructor(message: string, cause: unknown) {
    super('UNKNOWN', message, { traits: { kind: 'internal', retryable: false }, cause });
  }
}

/** Turns anything thrown into a {@link SwarmError}, keeping the original as `cause`. */
export function toSwarmError(value: unknown): SwarmError {
  if (isSwarmError(value)) return value;
  return new UnknownError(value instanceof Error ? value.message : String(value), value);
}

/** Codes of failures found while reading configuration and the target's input files. */
export type InputErrorCode = 'CONFIG_INVALID' | 'CONFIG_UNSUPPORTED' | 'FEATURES_INVALID' | 'SCHEMA_INVALID';

/** A value that entered from outside (setting, file, message) does not have the accepted form. */
export class InputError extends SwarmError<InputErrorCode> {
  constructor(
    code: InputErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: { kind: 'config', retryable: false } });
  }
}
