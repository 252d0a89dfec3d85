import { readEvents, type GraphJournal } from '../run/graph-journal.ts';

/**
 * Finds the nodes that were running when an earlier run ended, killed or stopped: what they did is not known.
 *
 * @throws {GraphError} JOURNAL_MISMATCH.
 */
export function findLeftRunning(journal: GraphJournal): Set<string> {
  const running = new Set<string>();
  for (const event of readEvents(journal)) {
    if (event.type === 'node_started') running.add(event.id);
    else if (event.type === 'node_completed' || event.type === 'node_failed') running.delete(event.id);
  }
  return running;
}
