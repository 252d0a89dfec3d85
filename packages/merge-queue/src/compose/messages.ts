import type { CommitSha, ResolvedPath } from '@agentswarm/core';
import type { QueueEntry } from '../entry/queue-entry.ts';

/** What a landing commit says about itself, so that "landed" can be read from history. */
export interface LandingTrailers {
  readonly entry: QueueEntry;
  readonly tree: CommitSha;
  readonly resolved: readonly ResolvedPath[];
}

/** Message of the merge commit of a branch. */
export function mergeMessage(landing: LandingTrailers): string {
  return `Merge ${landing.entry.branch}\n\n${trailers(landing)}`;
}

/** A commit's own message with the trailers of a landing after it. */
export function rewrittenMessage(message: string, landing: LandingTrailers): string {
  const body = message.trimEnd();
  const separator = endsWithTrailers(body) ? '\n' : '\n\n';
  return `${body}${separator}${trailers(landing)}`;
}

/** The head named by the trailers of a landing commit; undefined when it is none. */
export function headOfMessage(message: string): string | undefined {
  return /^Mq-Head: ([0-9a-f]{40,64})$/m.exec(message.slice(message.lastIndexOf('\n\n') + 1))?.[1];
}

function trailers({ entry, tree, resolved }: LandingTrailers): string {
  const lines = [
    `Mq-Ticket: ${entry.ticket}`,
    `Mq-Head: ${entry.head}`,
    `Mq-Tree: ${tree}`,
    ...resolved.flatMap(({ path, resolver, dropped }) => [
      `Mq-Resolved: ${oneLine(path)} (${resolver})`,
      ...dropped.map((what) => `Mq-Dropped: ${oneLine(path)}: ${oneLine(what)}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function endsWithTrailers(body: string): boolean {
  const paragraph = body.slice(body.lastIndexOf('\n\n') + 2);
  return body.includes('\n\n') && paragraph.split('\n').every((line) => /^[A-Za-z0-9-]+: \S/.test(line));
}

/** A trailer is one line, whatever a path or a file has in it. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300);
}
