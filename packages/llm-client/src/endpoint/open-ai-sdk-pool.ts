import type OpenAI from 'openai';
import type { ExchangeRecorder } from '../cassette/exchange-recorder.ts';
import type { LlmEndpoint } from './endpoint.ts';
import { createOpenAiSdk } from './open-ai-sdk.ts';
import { createRecordingFetch } from './recording-fetch.ts';

/** One SDK for each endpoint, made when it is first asked for. */
export function createOpenAiSdkPool(options: {
  readonly timeoutMs: number;
  readonly recorder?: ExchangeRecorder;
}): (endpoint: LlmEndpoint) => OpenAI {
  const { timeoutMs, recorder } = options;
  const sdks = new Map<string, OpenAI>();
  return (endpoint) => {
    const known = sdks.get(endpoint.name);
    if (known !== undefined) return known;
    const fetch = recorder === undefined ? undefined : createRecordingFetch(endpoint, recorder);
    const sdk = createOpenAiSdk(endpoint, timeoutMs, fetch);
    sdks.set(endpoint.name, sdk);
    return sdk;
  };
}
