import type { LlmError, LlmErrorCode } from '../errors.ts';
import type { OpenAiError } from '../http/open-ai-error.ts';

type Form = Pick<OpenAiError, 'status' | 'type' | 'code'>;

const SERVER: OpenAiError['type'] = 'server_error';

/** How the gateway's own refusals look to a client. 402 is not repeated by agents, as 429 would be. */
const FORMS: Partial<Record<LlmErrorCode, Form>> = {
  BUDGET_EXHAUSTED: { status: 402, type: 'insufficient_quota', code: 'budget_exhausted' },
  PRICE_UNKNOWN: { status: 402, type: 'insufficient_quota', code: 'price_unknown' },
  RATE_LIMITED: { status: 429, type: 'rate_limit_error', code: 'endpoints_saturated' },
  TIMED_OUT: { status: 504, type: SERVER, code: 'endpoint_timed_out' },
  ENDPOINT_UNREACHABLE: { status: 502, type: SERVER, code: 'endpoint_unreachable' },
  NO_ENDPOINT_FOR_MODEL: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
};
const OTHER: Form = { status: 502, type: SERVER, code: 'endpoint_failed' };

export function refusalOf(error: LlmError): {
  readonly error: OpenAiError;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { retryAfterMs } = error.details;
  const headers =
    typeof retryAfterMs === 'number' ? { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) } : {};
  return { error: { ...(FORMS[error.code] ?? OTHER), message: error.message }, headers };
}
