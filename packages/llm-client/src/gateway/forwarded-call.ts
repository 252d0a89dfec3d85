import type { GatewayContext } from './gateway-context.ts';
import type { ActiveGrant } from './grants.ts';
import type { PreparedChatBody } from './prepare-chat-body.ts';

/** A checked request on its way to an endpoint. */
export interface ForwardedCall extends GatewayContext {
  readonly grant: ActiveGrant;
  readonly body: PreparedChatBody;
  /** Aborted when the client leaves or its token is revoked. */
  readonly signal: AbortSignal;
}
