import type { NetworkPolicy, Secret } from '@agentswarm/core';
import type { CliContext } from '../context.ts';
import { readModelSettings } from '../model/model-settings.ts';
import { openGateway } from '../model/open-gateway.ts';

/** The gateway of one command in a sandbox. */
export interface CommandGateway extends AsyncDisposable {
  readonly socketPath: string;
  readonly token: Secret;
}

/** Opens a gateway to the configured endpoints, where the network of a sandbox is to lead to one. */
export async function openGatewayFor(
  context: CliContext,
  network: NetworkPolicy,
): Promise<CommandGateway | undefined> {
  if (network !== 'gateway') return undefined;
  const gateway = await openGateway(
    await readModelSettings(context, {}),
    {},
    {
      role: 'worker',
      tcp: { host: '127.0.0.1', port: 0, allowRemote: false },
      onCall: () => {},
    },
  );
  const { socketPath, token } = gateway.grant;
  return { socketPath, token, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}
