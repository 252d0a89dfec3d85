import { describe, expect, it } from 'vitest';
import { gatewayAddress, planGatewayPort, planGatewayWay } from './gateway-way.ts';

const byUrl = { gatewayUrl: 'https://swarm.example:8443/models', gatewayPort: 9000 };
const bySocket = { gatewayPort: 8787 };
const sandbox = { id: 'sbx-0', gateway: { kind: 'socket', path: '/run/gateway.sock' } } as const;

describe('without an address of its own', () => {
  it('the gateway has a socket only, and sandboxes reach it by the backend', () => {
    expect(planGatewayPort(bySocket)).toBeUndefined();
    expect(planGatewayWay(bySocket, { socketPath: '/tmp/gw.sock' })).toEqual({
      network: 'gateway',
      gatewaySocket: '/tmp/gw.sock',
    });
    expect(gatewayAddress(bySocket, sandbox)).toEqual(sandbox.gateway);
  });

  it('a sandbox without a way to it is an error, not a worker that waits', () => {
    expect(() => gatewayAddress(bySocket, { id: 'sbx-0' })).toThrow(
      expect.objectContaining({ code: 'GATEWAY_UNREACHABLE' }) as Error,
    );
  });
});

describe('with an address', () => {
  it('the gateway listens on loopback only, known by that name', () => {
    expect(planGatewayPort(byUrl)).toEqual({ host: '127.0.0.1', port: 9000, names: ['swarm.example:8443'] });
  });

  it('sandboxes reach its host and nothing else, and are not given the socket', () => {
    expect(planGatewayWay(byUrl, { socketPath: '/tmp/gw.sock' })).toEqual({
      network: { allow: ['swarm.example:8443'] },
    });
    expect(gatewayAddress(byUrl, sandbox)).toEqual({ kind: 'url', url: byUrl.gatewayUrl });
  });
});
