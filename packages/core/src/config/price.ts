import { z } from 'zod';

const usd = z.exactOptional(z.number().min(0));

/** What a model or a server costs, in US dollars. Absent parts cost nothing, so `{}` is free; an absent price is unknown. */
export const PriceSchema = z.strictObject({
  /** Per million prompt tokens. */
  inputUsdPerMillion: usd,
  /** Per million prompt tokens that the server had cached; default the input price. */
  cachedInputUsdPerMillion: usd,
  /** Per million tokens of the answer. */
  outputUsdPerMillion: usd,
  /** Per hour in which the server runs, used or not. */
  usdPerServerHour: usd,
  /** Per second of one sandbox. */
  usdPerSandboxSecond: usd,
});
export type Price = Readonly<z.infer<typeof PriceSchema>>;
