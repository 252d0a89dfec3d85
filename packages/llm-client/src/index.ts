export { createLlmClient } from './client/create-llm-client.ts';
export type {
  CallAttribution,
  ChatMessage,
  Completion,
  CompletionRequest,
  JsonCompletion,
  JsonCompletionRequest,
  LlmClient,
  LlmClientOptions,
} from './client/llm-client.ts';
export type { LlmEndpoint } from './endpoint/endpoint.ts';
export { probeEndpoint } from './endpoint/probe-endpoint.ts';
export type { EndpointProbe } from './endpoint/probe-endpoint.ts';
export type { TokenUsage } from './endpoint/token-usage.ts';
export { LlmError } from './errors.ts';
export type { LlmErrorCode, LlmErrorOptions } from './errors.ts';
export { estimateTokens } from './text/estimate-tokens.ts';
export { truncateMiddle } from './text/truncate-middle.ts';

export { createScriptedModelServer } from './scripted/create-scripted-model-server.ts';
export type {
  ScriptedModelServer,
  ScriptedModelServerOptions,
} from './scripted/create-scripted-model-server.ts';
export type { ScriptedRequest } from './scripted/create-scripted-player.ts';

export { createGateway } from './gateway/create-gateway.ts';
export type { Gateway, GatewayLimits, GatewayOptions, Grant, GrantRequest } from './gateway/gateway.ts';

export type { ExchangeRecorder, ExchangeTap, RecordedRequest } from './cassette/exchange-recorder.ts';
