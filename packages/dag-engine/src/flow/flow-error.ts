import { SwarmError, type ErrorTraits } from '@agentswarm/core';
import { listed } from '../graph-error.ts';

/** Codes of what can be wrong with a flow or happen to one of its nodes. */
export type FlowErrorCode = 'CONDITION_AMBIGUOUS' | 'FLOW_INVALID' | 'REFERENCE_MISSING' | 'RERUN_UNSAFE';

const TRAITS: Readonly<Record<FlowErrorCode, ErrorTraits>> = {
  CONDITION_AMBIGUOUS: { kind: 'user', retryable: false },
  FLOW_INVALID: { kind: 'user', retryable: false },
  REFERENCE_MISSING: { kind: 'user', retryable: false },
  RERUN_UNSAFE: { kind: 'user', retryable: false },
};

/** A flow that makes no sense, or a node of one that a person has to look at. */
export class FlowError extends SwarmError<FlowErrorCode> {
  constructor(
    code: FlowErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}

/** Everything that is wrong with a flow, one problem a line. */
export function invalidFlow(problems: readonly string[], cause?: unknown): FlowError {
  return new FlowError('FLOW_INVALID', `flow is invalid:\n  ${listed(problems)}`, {
    details: { problems },
    ...(cause === undefined ? {} : { cause }),
  });
}
