import type { TokenUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import { amountOf, maxAmountOf } from '../money/call-cost.ts';
import type { Route } from '../routing/router.ts';
import { tokensOfChars } from '../text/estimate-tokens.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ActiveGrant } from './grants.ts';
import type { PreparedChatBody } from './prepare-chat-body.ts';

/** What is set aside for one request to an endpoint. */
export interface CallMoney {
  /** The bound on the answer to put into the request, where the request has none and money needs one. */
  readonly bound?: Readonly<Record<string, number>>;
  /** Gives what the request cost in dollars; undefined where nobody knows. */
  settle(usage: TokenUsage): Promise<number | undefined>;
}

/**
 * Reserves what a request can cost at most: from its token's allowance and from the budget.
 *
 * @throws {LlmError} BUDGET_EXHAUSTED, PRICE_UNKNOWN.
 */
export async function reserveMoney(
  context: Pick<GatewayContext, 'budget' | 'catalog' | 'defaultMaxTokens'>,
  call: { readonly route: Route; readonly grant: ActiveGrant; readonly body: PreparedChatBody },
): Promise<CallMoney> {
  const { budget, catalog, defaultMaxTokens } = context;
  const { route, grant, body } = call;
  const { endpoint, model } = route;
  const entry = catalog.find(model);
  const price = endpoint.price ?? entry?.price;
  const { maxCompletionTokens = defaultMaxTokens } = body;
  const most = { price, promptTokens: tokensOfChars(body.promptChars), maxCompletionTokens };
  const allowed = grant.allowance?.reserve(maxAmountOf(most));
  if (grant.allowance !== undefined && allowed === undefined) throw allowanceUsedUp(grant);
  const give = (usage: TokenUsage) => allowed?.settle(amountOf(price, usage));
  try {
    const reservation = await budget?.reserve({
      provider: endpoint.name,
      model,
      ...grant.attribution,
      ...most,
    });
    return {
      ...boundFor(context, { entry, grant, body }),
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

/** What was reserved must also hold at the endpoint. */
function boundFor(
  { budget, defaultMaxTokens }: Pick<GatewayContext, 'budget' | 'defaultMaxTokens'>,
  call: {
    readonly entry: ModelEntry | undefined;
    readonly grant: ActiveGrant;
    readonly body: PreparedChatBody;
  },
): Pick<CallMoney, 'bound'> {
  const isCounted = budget !== undefined || call.grant.allowance !== undefined;
  if (!isCounted || call.body.maxCompletionTokens !== undefined) return {};
  return { bound: { [call.entry?.maxTokensParameter ?? 'max_tokens']: defaultMaxTokens } };
}

function allowanceUsedUp({ attribution }: ActiveGrant): LlmError {
  const whose = attribution.attemptId === undefined ? 'this token' : `attempt ${attribution.attemptId}`;
  return new LlmError('BUDGET_EXHAUSTED', `the budget of ${whose} is used up`, {
    details: { scope: 'token', ...attribution },
  });
}
