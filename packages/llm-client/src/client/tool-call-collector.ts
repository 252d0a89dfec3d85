import type { ToolCall } from '../messages/chat-message.ts';

/** Puts the fragments of streamed tool calls together. */
export interface ToolCallCollector {
  /** Takes `delta.tool_calls`, or `message.tool_calls`, as the server sent it; ignores what is none. */
  push(fragments: unknown): void;
  /** Every call with a name, ids made unique. */
  calls(): ToolCall[];
  /** Characters of all names and arguments. */
  readonly chars: number;
}

interface Fragments {
  id: string;
  name: string;
  arguments: string;
}

export function createToolCallCollector(): ToolCallCollector {
  const calls: Fragments[] = [];
  const slotByIndex = new Map<number, number>();
  let chars = 0;
  const place = (fragment: ReadFragment): Fragments => {
    const { index, id, name } = fragment;
    const slot = index === undefined ? calls.length - 1 : (slotByIndex.get(index) ?? -1);
    const open = calls[slot];
    if (open !== undefined && !isAnother(open, fragment)) return open;
    const begun = { id, name, arguments: '' };
    if (index !== undefined) slotByIndex.set(index, calls.length);
    calls.push(begun);
    return begun;
  };
  return {
    push(fragments) {
      if (!Array.isArray(fragments)) return;
      for (const fragment of (fragments as unknown[]).map(readFragment)) {
        const call = place(fragment);
        call.id ||= fragment.id;
        call.name ||= fragment.name;
        call.arguments += fragment.json;
        chars += fragment.name.length + fragment.json.length;
      }
    },
    get chars() {
      return chars;
    },
    calls() {
      const seen = new Set<string>();
      return calls
        .filter(({ name }) => name !== '')
        .map((call, at) => {
          const id = call.id === '' || seen.has(call.id) ? `${call.id || 'call'}_${at}` : call.id;
          seen.add(id);
          return { ...call, id };
        });
    },
  };
}

/**
 * Some servers give every call the same index: another id with a name begins another call. Others give neither: then
 * a name behind arguments does.
 */
function isAnother(open: Fragments, { index, id, name }: ReadFragment): boolean {
  if (name === '') return false;
  return id === '' ? index === undefined && open.arguments !== '' : open.id !== id;
}

/** The calls of an answer that came whole. */
export function readToolCalls(calls: unknown): ToolCall[] {
  if (!Array.isArray(calls)) return [];
  const collector = createToolCallCollector();
  collector.push((calls as unknown[]).map((call, index) => ({ ...(call as object), index })));
  return collector.calls();
}

interface ReadFragment {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly json: string;
}

function readFragment(fragment: unknown): ReadFragment {
  const { index, id, function: called } = fieldsOf(fragment);
  const { name, arguments: json } = fieldsOf(called);
  return {
    index: typeof index === 'number' ? index : undefined,
    id: textOf(id),
    name: textOf(name),
    // Some servers send the arguments as a value instead of its JSON text.
    json: typeof json === 'object' && json !== null ? JSON.stringify(json) : textOf(json),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
