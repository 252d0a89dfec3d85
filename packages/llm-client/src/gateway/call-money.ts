import type { TokenUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import { priceUnknown } from '../money/assert-priced.ts';
import { amountOf, maxAmountOf } from '../money/call-cost.ts';
import { priceAt } from '../money/price-at.ts';
import type { Route } from '../routing/router.ts';
import { tokensOfChars } from '../text/estimate-tokens.ts';
import type { Allowance } from './allowance.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ActiveGrant } from './grants.ts';
import type { PreparedChatBody } from './prepare-chat-body.ts';

/** What is set aside for one request to an endpoint. */
export interface CallMoney {
  /** The bound on an answer, under the name the model knows; present where money depends on it. */
  readonly bound?: Readonly<Record<string, number>>;
  /** Gives what the request cost in dollars; undefined where nobody knows. */
  readonly settle: (usage: TokenUsage) => Promise<number | undefined>;
}

/**
 * Reserves what a request can cost at most: from its token's allowance and from the budget.
 *
 * @throws {LlmError} BUDGET_EXHAUSTED, PRICE_UNKNOWN.
 */
export async function reserveMoney(
  { budget, catalog }: Pick<GatewayContext, 'budget' | 'catalog'>,
  call: { readonly route: Route; readonly grant: ActiveGrant; readonly body: PreparedChatBody },
): Promise<CallMoney> {
  const { route, grant, body } = call;
  const { endpoint, model } = route;
  const entry = catalog.find(model);
  const price = priceAt(endpoint, model, catalog);
  const { maxCompletionTokens } = body;
  const most = { price, promptTokens: tokensOfChars(body.promptChars), maxCompletionTokens };
  const allowed = takeAllowance(route, grant, most);
  const give = (usage: TokenUsage) => allowed?.settle(amountOf(price, usage));
  try {
    const reservation = await budget?.reserve({
      provider: endpoint.name,
      model,
      ...grant.attribution,
      ...most,
    });
    return {
      ...(budget === undefined && allowed === undefined ? {} : { bound: boundFor(entry, body) }),
      async settle(usage) {
        give(usage);
        const spend = await reservation?.settle(usage);
        return price === undefined ? undefined : spend?.usd;
      },
    };
  } catch (error) {
    give({ promptTokens: 0, completionTokens: 0, estimated: false });
    throw error;
  }
}

/** What was reserved must also hold at the endpoint, which may not know the name the client used. */
function boundFor(entry: ModelEntry | undefined, body: PreparedChatBody): Record<string, number> {
  return { [entry?.maxTokensParameter ?? 'max_tokens']: body.maxTokensPerAnswer };
}

function takeAllowance(
  { endpoint, model }: Route,
  grant: ActiveGrant,
  most: Parameters<typeof maxAmountOf>[0],
): ReturnType<Allowance['reserve']> {
  if (grant.allowance === undefined) return undefined;
  if (most.price === undefined && grant.allowance.needsPrice) {
    throw priceUnknown([{ provider: endpoint.name, model }]);
  }
  const allowed = grant.allowance.reserve(maxAmountOf(most));
  if (allowed === undefined) throw allowanceUsedUp(grant);
  return allowed;
}

function allowanceUsedUp({ attribution }: ActiveGrant): LlmError {
  const whose = attribution.attemptId === undefined ? 'this token' : `attempt ${attribution.attemptId}`;
  return new LlmError('BUDGET_EXHAUSTED', `the budget of ${whose} is used up`, {
    details: { scope: 'token', ...attribution },
  });
}
