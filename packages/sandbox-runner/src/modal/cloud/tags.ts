import type { SandboxLabels } from '@agentswarm/core';

/** On every sandbox of ours, whoever made it. */
export const OWN_TAGS: Readonly<Record<string, string>> = { agentswarm: 'sandbox' };

const LABELS = ['run', 'purpose', 'task', 'attempt'] as const;
const PURPOSES: readonly SandboxLabels['purpose'][] = ['attempt', 'gate', 'dependencies', 'command'];

/** What the cloud is told of a sandbox, so that it is found and judged without this machine. */
export interface CloudFacts {
  readonly id: string;
  readonly labels: SandboxLabels;
  readonly createdAtMs: number;
  /** Of the folder that has its record. */
  readonly machine: string;
  readonly claim: Claim;
}

/** Who takes care of a sandbox, in milliseconds since 1970 by the clock of whoever wrote it. */
export type Claim =
  /** Somebody who says so again and again, each time until then. */
  | { readonly kind: 'leased'; readonly untilMs: number }
  /** Nobody, on purpose; its time limits are over then, where it has any. */
  | { readonly kind: 'detached'; readonly endsAtMs?: number };

/** All tags of a sandbox. */
export function tagsOf({ id, labels, createdAtMs, machine, claim }: CloudFacts): Record<string, string> {
  return {
    ...labelTags(labels),
    'agentswarm-id': id,
    'agentswarm-made': String(createdAtMs),
    'agentswarm-machine': machine,
    ...claimTags(claim),
  };
}

/** The tags that sandboxes with all of the labels have. */
export function labelTags(labels: Partial<SandboxLabels>): Record<string, string> {
  const named = LABELS.flatMap((name) => {
    const value = labels[name];
    return value === undefined ? [] : [[`agentswarm-${name}`, value] as const];
  });
  return { ...OWN_TAGS, ...Object.fromEntries(named) };
}

/** The tags that one sandbox has. */
export function idTags(id: string): Record<string, string> {
  return { ...OWN_TAGS, 'agentswarm-id': id };
}

function claimTags(claim: Claim): Record<string, string> {
  if (claim.kind === 'leased') return { 'agentswarm-lease': String(claim.untilMs) };
  return claim.endsAtMs === undefined ? {} : { 'agentswarm-ends': String(claim.endsAtMs) };
}

/** Undefined where the tags are not ours. */
export function readTags(tags: Readonly<Record<string, string>>): CloudFacts | undefined {
  const read = (name: string) => tags[`agentswarm-${name}`];
  const [id, run, machine] = [read('id'), read('run'), read('machine')];
  const purpose = PURPOSES.find((known) => known === read('purpose'));
  const createdAtMs = readNumber(read('made'));
  if (id === undefined || run === undefined || machine === undefined) return undefined;
  if (purpose === undefined || createdAtMs === undefined) return undefined;
  const [task, attempt] = [read('task'), read('attempt')];
  const labels = {
    run,
    purpose,
    ...(task === undefined ? {} : { task }),
    ...(attempt === undefined ? {} : { attempt }),
  };
  return { id, labels, createdAtMs, machine, claim: readClaim(read('lease'), read('ends')) };
}

function readClaim(lease: string | undefined, ends: string | undefined): Claim {
  const [untilMs, endsAtMs] = [readNumber(lease), readNumber(ends)];
  if (untilMs !== undefined) return { kind: 'leased', untilMs };
  return { kind: 'detached', ...(endsAtMs === undefined ? {} : { endsAtMs }) };
}

function readNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
