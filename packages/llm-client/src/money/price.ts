/** What a model or a server costs, in US dollars. Absent parts cost nothing, so `{}` is free; an absent price is unknown. */
export interface Price {
  /** Per million prompt tokens. */
  readonly inputUsdPerMillion?: number;
  /** Per million prompt tokens that the server had cached; default the input price. */
  readonly cachedInputUsdPerMillion?: number;
  /** Per million tokens of the answer. */
  readonly outputUsdPerMillion?: number;
  /** Per hour in which the server runs, used or not. */
  readonly usdPerServerHour?: number;
  /** Per second of one sandbox. */
  readonly usdPerSandboxSecond?: number;
}
