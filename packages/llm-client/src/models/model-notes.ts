/** What people noted about one model. */
export interface ModelNotes {
  /** Kinds of task it is not used for; `*` is every kind. */
  readonly avoid: readonly string[];
  /** Kinds of task it goes first for. */
  readonly prefer: readonly string[];
  /** Longest prompt it is given; absent: no bound. */
  readonly maxContextTokens?: number;
  /** It is not asked for JSON when a longer answer is expected. */
  readonly maxJsonTokens?: number;
}

const FLAG = /^\s*(?:[-*]\s+)?(avoid:|prefer:|max-context:|no-json>)\s*(\*|[\w-]+)(?=\s|$)/;

/**
 * Reads notes, one flag at the start of a line: `avoid:<task type or *>`, `prefer:<task type>`, `max-context:<tokens>`,
 * `no-json><tokens>`. Everything else is text for people. Of several bounds the lowest counts.
 */
export function parseModelNotes(text: string): ModelNotes {
  const avoid = new Set<string>();
  const prefer = new Set<string>();
  let maxContextTokens = Infinity;
  let maxJsonTokens = Infinity;
  for (const line of text.split('\n')) {
    const [, flag, value = ''] = FLAG.exec(line) ?? [];
    if (flag === 'avoid:') avoid.add(value);
    else if (flag === 'prefer:' && value !== '*') prefer.add(value);
    else if (!/^\d+$/.test(value)) continue;
    else if (flag === 'max-context:') maxContextTokens = Math.min(maxContextTokens, Number(value));
    else if (flag === 'no-json>') maxJsonTokens = Math.min(maxJsonTokens, Number(value));
  }
  return {
    avoid: [...avoid],
    prefer: [...prefer],
    ...(maxContextTokens === Infinity ? {} : { maxContextTokens }),
    ...(maxJsonTokens === Infinity ? {} : { maxJsonTokens }),
  };
}
