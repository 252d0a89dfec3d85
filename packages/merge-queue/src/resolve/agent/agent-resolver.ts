import type { PathConflict } from '@agentswarm/git';
import { hasConflictMarkers } from '../conflict-markers.ts';
import type { ConflictResolver, Resolution, ResolutionRequest } from '../conflict-resolver.ts';
import { isLockfile } from '../lockfile/lockfile-kinds.ts';
import { summarizeLost } from '../lost-lines.ts';
import { mergeModes, readText } from '../resolve-texts.ts';
import { versionsKey } from '../versions-key.ts';
import { createAnswerMemory, type AnswerMemory } from './answer-memory.ts';
import type { AgentConflict, AgentProposal, ConflictAgent } from './conflict-agent.ts';

export interface AgentResolverOptions {
  readonly agent: ConflictAgent;
}

/** A conflict an agent may work on, and what it is told about it. */
interface Workable {
  readonly conflict: PathConflict;
  readonly mode: string;
  readonly texts: AgentConflict;
}

const MAX_DROPPED = 5;

/**
 * Asks an agent about the conflicted texts. It cannot touch anything else, leave markers, write binaries,
 * or remove a file that both sides have. The patch it gave for the same versions before is declined:
 * that one was not good enough. Lockfiles are not for writing by hand.
 */
export function agentResolver({ agent }: AgentResolverOptions): ConflictResolver {
  const memory = createAnswerMemory();
  return {
    name: 'agent',
    cost: 'aside',
    resolve: (request) => askAgent(agent, memory, request),
  };
}

async function askAgent(
  agent: ConflictAgent,
  memory: AnswerMemory,
  request: ResolutionRequest,
): Promise<readonly Resolution[]> {
  const workable = await findWorkable(request);
  if (workable.size === 0) return [];
  const { intents, signal } = request;
  const conflicts = [...workable.values()].map(({ texts }) => texts);
  const proposals = await agent.propose({ conflicts, intents, signal });
  signal.throwIfAborted();
  const question = [...workable.values()].map(({ conflict }) => versionsKey(conflict));
  if (!memory.isNew(question, proposals)) return [];
  const resolutions: Resolution[] = [];
  for (const { path, content } of proposals) {
    const work = workable.get(path);
    if (work === undefined || !isAcceptable(work, content)) continue;
    const version = content === null ? null : { mode: work.mode, object: await request.writeBlob(content) };
    resolutions.push({ path, version, dropped: lostBy(work.texts, content) });
  }
  return resolutions;
}

async function findWorkable(request: ResolutionRequest): Promise<ReadonlyMap<string, Workable>> {
  const workable = new Map<string, Workable>();
  for (const conflict of request.conflicts) {
    const { path } = conflict;
    const mode = mergeModes(conflict);
    const texts = isLockfile(path) || mode === undefined ? undefined : await textsOf(request, conflict);
    if (mode !== undefined && texts !== undefined) workable.set(path, { conflict, mode, texts });
  }
  return workable;
}

/** Undefined when a version is no text: an agent is never shown half of a conflict. */
async function textsOf(
  request: ResolutionRequest,
  conflict: PathConflict,
): Promise<AgentConflict | undefined> {
  const texts: { path: string; base?: string; ours?: string; theirs?: string } = { path: conflict.path };
  for (const side of ['base', 'ours', 'theirs'] as const) {
    if (conflict[side] === undefined) continue;
    const text = await readText(request, conflict[side]);
    if (text === undefined) return undefined;
    texts[side] = text;
  }
  return texts;
}

function isAcceptable({ conflict }: Workable, content: AgentProposal['content']): boolean {
  if (content === null) return conflict.ours === undefined || conflict.theirs === undefined;
  return content.isWellFormed() && !content.includes('\0') && !hasConflictMarkers(content);
}

function lostBy({ base = '', ours = '', theirs = '' }: AgentConflict, content: string | null) {
  return summarizeLost({ base, ours, theirs }, content ?? '', MAX_DROPPED);
}
