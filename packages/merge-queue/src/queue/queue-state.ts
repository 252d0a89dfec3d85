import type { CommitSha, LandingIntent, QueueEvent } from '@agentswarm/core';
import type { Submission } from '../entry/queue-entry.ts';
import type { EarlierState } from './queue-contract.ts';

/** What the events of a queue add up to: give it to the next queue of the same target. */
export function queueStateOf(events: Iterable<QueueEvent>): Required<EarlierState> {
  const tickets = new Map<string, Submission>();
  const outcomes = new Map<string, 'landed' | 'lost'>();
  const trees = new Map<CommitSha, CommitSha>();
  const passed = new Map<string, { readonly tree: CommitSha; readonly environment: string | undefined }>();
  let intents: readonly LandingIntent[] = [];
  const settle = (ticket: string, outcome: 'landed' | 'lost') => {
    tickets.delete(ticket);
    outcomes.set(ticket, outcome);
    intents = withoutTicket(intents, ticket);
  };
  for (const event of events) {
    switch (event.type) {
      case 'branch_queued':
        tickets.set(event.ticket, submissionOf(event));
        break;
      case 'landing_intended':
        intents = [...intents, { tickets: event.tickets, old: event.old, new: event.new }];
        break;
      case 'branch_landed':
        settle(event.ticket, 'landed');
        break;
      case 'branch_conflicted':
      case 'branch_ejected':
      case 'branch_refused':
      case 'branch_cancelled':
        settle(event.ticket, 'lost');
        break;
      case 'gate_started':
        trees.set(event.candidate, event.tree);
        break;
      case 'gate_finished': {
        const tree = trees.get(event.candidate);
        const { environment } = event;
        if (event.verdict === 'pass' && tree !== undefined)
          passed.set(`${tree} ${environment}`, { tree, environment });
        break;
      }
      default:
        break;
    }
  }
  return { tickets: [...tickets.values()], intents, outcomes, passed: [...passed.values()] };
}

function submissionOf(event: Extract<QueueEvent, { readonly type: 'branch_queued' }>): Submission {
  const { type: _type, ...submission } = event;
  const { owner, after, intent, ...rest } = submission;
  return {
    ...rest,
    ...(owner === undefined ? {} : { owner }),
    ...(after === undefined ? {} : { after }),
    ...(intent === undefined ? {} : { intent }),
  };
}

function withoutTicket(intents: readonly LandingIntent[], ticket: string): readonly LandingIntent[] {
  return intents
    .map((intent) => ({ ...intent, tickets: intent.tickets.filter((other) => other !== ticket) }))
    .filter((intent) => intent.tickets.length > 0);
}
