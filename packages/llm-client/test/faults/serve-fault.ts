import { startFaultServer, type FaultServer } from '../fault-server.ts';
import type { Fault } from './behaviours.ts';

/** Serves one fault in the form each request asks for; a form in which it does not exist answers 501. */
export async function serveFault(fault: Fault): Promise<FaultServer> {
  const server = await startFaultServer((response, request) => {
    const asked = JSON.parse(request.body || '{}') as { readonly stream?: boolean };
    const behaviour = asked.stream === true ? fault.stream : fault.whole;
    return behaviour === undefined
      ? response.writeHead(501).end(`${fault.name} has no such form`)
      : behaviour(response, request);
  });
  // Whoever listened a moment ago has a port that nobody else is given soon.
  if (fault.refuses === true) await server[Symbol.asyncDispose]();
  return server;
}
