const FAILURES_TO_OPEN = 3;
const BASE_OPEN_MS = 30_000;
const MAX_OPEN_MS = 300_000;

/** Whether an endpoint is believed to work. `trial`: out, and something is finding out whether it still is. */
export type Circuit =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly openings: number; readonly untilMs: number }
  | { readonly kind: 'trial'; readonly openings: number };

export const CLOSED: Circuit = { kind: 'closed', failures: 0 };

/** Three failures in a row open a circuit for 30 s; each failed trial doubles the time, to at most 5 minutes. */
export function afterFailure(circuit: Circuit, nowMs: number): Circuit {
  switch (circuit.kind) {
    case 'closed': {
      const failures = circuit.failures + 1;
      return failures < FAILURES_TO_OPEN ? { kind: 'closed', failures } : open(0, nowMs);
    }
    case 'trial':
      return open(circuit.openings + 1, nowMs);
    // A call that was under way when the circuit opened says nothing new.
    case 'open':
      return circuit;
  }
}

/** An open circuit whose time is over may be tried. */
export function isDue(circuit: Circuit, nowMs: number): boolean {
  return circuit.kind === 'open' && nowMs >= circuit.untilMs;
}

export function beginTrial(circuit: Circuit): Circuit {
  return circuit.kind === 'open' ? { kind: 'trial', openings: circuit.openings } : circuit;
}

/** A trial that ended without an answer to its question may be made again at once. */
export function cancelTrial(circuit: Circuit, nowMs: number): Circuit {
  return circuit.kind === 'trial' ? { kind: 'open', openings: circuit.openings, untilMs: nowMs } : circuit;
}

function open(openings: number, nowMs: number): Circuit {
  const openMs = Math.min(MAX_OPEN_MS, BASE_OPEN_MS * 2 ** openings);
  return { kind: 'open', openings, untilMs: nowMs + openMs };
}
