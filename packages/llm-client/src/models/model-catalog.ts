import { z } from 'zod';
import { ModelEntrySchema, type ModelEntry } from './model-entry.ts';
import shippedFile from './models.json' with { type: 'json' };

/** What is known of models, by name. */
export interface ModelCatalog {
  /**
   * The entry of a model: an exact name before a pattern, a longer pattern before a shorter one. Case, an
   * organisation before the name (`zai-org/`), a weight format behind it (`-FP8`, `-AWQ`) and `:latest` are
   * overlooked where no entry names them.
   */
  find(model: string): ModelEntry | undefined;
  /** The caller's first. */
  readonly entries: readonly ModelEntry[];
}

/**
 * Creates a catalogue of the models this package knows and the caller's. Any entry of the caller, patterns
 * included, goes before those of the package; among equals, the first counts.
 */
export function createModelCatalog(entries: readonly ModelEntry[] = []): ModelCatalog {
  const own = indexEntries(entries);
  const shipped = readShipped();
  return {
    find: (model) => findEntry(own, model) ?? findEntry(shipped.index, model),
    entries: [...entries, ...shipped.entries],
  };
}

let shippedOnce: { readonly entries: readonly ModelEntry[]; readonly index: EntryIndex } | undefined;

/** Every client and gateway asks for a catalogue; the file is checked and indexed for the first only. */
function readShipped() {
  if (shippedOnce === undefined) {
    const entries = z.array(ModelEntrySchema).parse(shippedFile.models);
    shippedOnce = { entries, index: indexEntries(entries) };
  }
  return shippedOnce;
}

interface EntryIndex {
  readonly exact: ReadonlyMap<string, ModelEntry>;
  /** Longest first. */
  readonly patterns: readonly {
    readonly matches: (name: string) => boolean;
    readonly length: number;
    readonly entry: ModelEntry;
  }[];
}

function indexEntries(entries: readonly ModelEntry[]): EntryIndex {
  const named = entries.flatMap((entry) =>
    [entry.model].flat().map((name) => ({ name: name.toLowerCase(), entry })),
  );
  const isPattern = ({ name }: { name: string }) => name.includes('*');
  return {
    // Reversed, because the last of equal keys would win.
    exact: new Map(
      named
        .filter((each) => !isPattern(each))
        .toReversed()
        .map(({ name, entry }) => [name, entry]),
    ),
    patterns: named
      .filter(isPattern)
      .map(({ name, entry }) => ({ matches: globOf(name), length: name.replaceAll('*', '').length, entry }))
      .toSorted((a, b) => b.length - a.length),
  };
}

/** No model has a longer name; servers and agents may send any. */
const MAX_NAME_CHARS = 512;

function findEntry({ exact, patterns }: EntryIndex, model: string): ModelEntry | undefined {
  if (model.length > MAX_NAME_CHARS) return undefined;
  const names = spellingsOf(model.toLowerCase());
  const named = names.find((name) => exact.has(name));
  if (named !== undefined) return exact.get(named);
  return patterns.find(({ matches }) => names.some((name) => matches(name)))?.entry;
}

const WEIGHT_FORMAT =
  /[-_.:](?:fp8|fp4|nvfp4|mxfp4|bf16|awq|gptq|gguf|int[48]|w4a16|w8a8|dynamic|[468]bit|i?q\d\w*|latest)$/;

/** The name as given, then without what says nothing about the model. */
function spellingsOf(model: string): readonly string[] {
  const base = model.slice(model.lastIndexOf('/') + 1);
  let bare = base;
  while (WEIGHT_FORMAT.test(bare)) bare = bare.replace(WEIGHT_FORMAT, '');
  return [...new Set([model, base, bare])];
}

/** Takes each part at its first place: unlike an expression with many `.*`, never more than one try. */
function globOf(pattern: string): (name: string) => boolean {
  const parts = pattern.split(/\*+/);
  const [head = '', tail = ''] = [parts[0], parts.at(-1)];
  const middle = parts.slice(1, -1);
  return (name) => {
    if (!name.startsWith(head)) return false;
    let at = head.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.length - tail.length >= at && name.endsWith(tail);
  };
}
