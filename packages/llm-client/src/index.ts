export { createLlmClient } from './client/create-llm-client.ts';
export type {
  CallAttribution,
  Completion,
  CompletionRequest,
  JsonCompletion,
  JsonCompletionRequest,
  LlmClient,
  LlmClientOptions,
  RoleModels,
  StreamPart,
} from './client/llm-client.ts';
export type { ChatMessage, ToolCall, ToolDefinition } from './messages/chat-message.ts';
export { createRouter } from './routing/create-router.ts';
export type { RouterOptions } from './routing/create-router.ts';
export type { EndpointStatus, Route, RouteOutcome, Router, RouteRequest } from './routing/router.ts';
export type { CapacityEstimate } from './routing/capacity.ts';
export type { OverflowCause, RouteReason } from './routing/select-route.ts';
export { servesModel } from './endpoint/endpoint.ts';
export type { EndpointLimits, LlmEndpoint, LocalServer } from './endpoint/endpoint.ts';
export { probeEndpoint } from './endpoint/probe-endpoint.ts';
export type { EndpointProbe } from './endpoint/probe-endpoint.ts';
export type { TokenUsage } from './endpoint/token-usage.ts';
export { LlmError } from './errors.ts';
export type { LlmErrorCode, LlmErrorOptions } from './errors.ts';
export { estimateTokens } from './text/estimate-tokens.ts';
export { createPromptBudget } from './context/prompt-budget.ts';
export type {
  FittedPrompt,
  FittedSection,
  PromptBudget,
  PromptBudgetOptions,
  PromptSection,
  SectionCut,
} from './context/prompt-budget.ts';
export { loadTokenizer } from './context/tokenizer.ts';
export type { Tokenizer } from './context/tokenizer.ts';
export { truncateHeadTail, truncateLines } from './context/truncate-tokens.ts';
export type { TruncateOptions } from './context/truncate-tokens.ts';

export { createModelCatalog } from './models/model-catalog.ts';
export type { ModelCatalog } from './models/model-catalog.ts';
export { ModelEntrySchema } from './models/model-entry.ts';
export type { ModelEntry, TextToolFormat, ThinkingSwitch, TokenizerName } from './models/model-entry.ts';
export { parseModelNotes } from './models/model-notes.ts';
export type { ModelNotes } from './models/model-notes.ts';
export { isOutOfMemory, suggestNote } from './models/out-of-memory.ts';
export type { ServerFailure, SuggestedNote } from './models/out-of-memory.ts';
export { parseModelFile } from './models/parse-model-file.ts';
export { probeModel } from './models/probe/probe-model.ts';
export type { ModelProbe, ProbeEvidence, ProbeModelOptions } from './models/probe/probe-model.ts';
export { selectModel } from './models/select-model.ts';
export type {
  KnownModel,
  ModelPreference,
  ModelRequirements,
  ModelSelection,
  SkippedModel,
  SkipReason,
} from './models/select-model.ts';

export { splitThinking } from './text/split-thinking.ts';
export type { SplitThinking } from './text/split-thinking.ts';
export { createThinkingFilter } from './text/thinking-filter.ts';
export type { ThinkingFilter, ThinkingPart } from './text/thinking-filter.ts';
export { recoverToolCalls } from './text/tool-calls/recover-tool-calls.ts';
export type { RecoveredToolCalls } from './text/tool-calls/recover-tool-calls.ts';
export { truncateMiddle } from './text/truncate-middle.ts';

export { createScriptedModelServer } from './scripted/create-scripted-model-server.ts';
export type {
  ScriptedModelServer,
  ScriptedModelServerOptions,
} from './scripted/create-scripted-model-server.ts';
export type { ScriptedRequest } from './scripted/create-scripted-player.ts';

export { createGateway } from './gateway/create-gateway.ts';
export type {
  Gateway,
  GatewayLimits,
  GatewayOptions,
  Grant,
  GrantRequest,
  TcpAddress,
} from './gateway/gateway.ts';

export { assertPriced } from './money/assert-priced.ts';
export type { PricedModel } from './money/assert-priced.ts';
export { BudgetEntrySchema } from './money/budget-entry.ts';
export type { BudgetEntry } from './money/budget-entry.ts';
export type { BudgetStore } from './money/budget-store.ts';
export type {
  Budget,
  BudgetStatus,
  MeterRequest,
  Reservation,
  ReserveRequest,
  Spend,
  SpendScope,
} from './money/budget.ts';
export { createBudget } from './money/create-budget.ts';
export type { BudgetOptions } from './money/create-budget.ts';
export type { BudgetRefusal } from './money/exhausted-error.ts';
export { memoryBudgetStore } from './money/memory-budget-store.ts';
export { priceAt } from './money/price-at.ts';
export type { PriceList } from './money/price-at.ts';
export { openBudgetFile } from './money/open-budget-file.ts';
export { BudgetPolicySchema } from '@agentswarm/core';
export type { BudgetLimits, BudgetPolicy, Price } from '@agentswarm/core';
export type { ExchangeRecorder, ExchangeTap, RecordedRequest } from './cassette/exchange-recorder.ts';
