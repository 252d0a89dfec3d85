export { createCassettePlayer } from './cassette/create-cassette-player.ts';
export type { CassettePlayerOptions, ReplayedRequest } from './cassette/create-cassette-player.ts';
export { createCassetteRecorder } from './cassette/create-cassette-recorder.ts';
export type { CassetteRecorder, CassetteRecorderOptions } from './cassette/create-cassette-recorder.ts';
export { createExchangeRecorder } from './cassette/create-exchange-recorder.ts';
export type { RecordingOptions } from './cassette/create-exchange-recorder.ts';
export { createReplayServer } from './cassette/create-replay-server.ts';
export type { ReplayServerOptions } from './cassette/create-replay-server.ts';
export { diffCassettes } from './cassette/diff-cassettes.ts';
export type {
  AnswerDifference,
  CassetteDiff,
  ChangedAnswer,
  ComparedCall,
  TimingSummary,
} from './cassette/diff-cassettes.ts';
export type { ExchangeRecorder, ExchangeTap, RecordedRequest } from './cassette/exchange-recorder.ts';
export type { MatchMode, NumberedExchange } from './cassette/exchange-selector.ts';
export { CassetteExchangeSchema } from './cassette/exchange.ts';
export type { CassetteExchange } from './cassette/exchange.ts';
export { formatCassetteDiff } from './cassette/format-cassette-diff.ts';
export type { ReplayTiming } from './cassette/play-exchange.ts';
export { parseCassette, readCassette } from './cassette/read-cassette.ts';
export type { Cassette } from './cassette/read-cassette.ts';

export { createPlayerServer } from './player/create-player-server.ts';
export type { PlayerServer, PlayerServerOptions } from './player/create-player-server.ts';
export type { ModelPlayer, PlayedAnswer, PlayedChunk, PlayerRequest } from './player/model-player.ts';

export { LlmError } from './errors.ts';
export type { LlmErrorCode, LlmErrorOptions } from './errors.ts';
export type { LlmEndpoint } from './endpoint/endpoint.ts';
