import type { ContextProfile, ContextProfileSource } from '../model/context.ts';
import { isJsonObject } from '../model/json.ts';
import type { MemoryConfig, MemoryStoreConfig } from '../model/manifest-set.ts';
import { RETRIEVAL_POLICIES, STORE_NAMES, type RetrievalPolicy } from '../model/vocabulary.ts';
import type { Fields } from './fields.ts';
import { checkUnique } from './unique-ids.ts';

/** What the engine can do beyond its own backends and policies. */
export interface MemoryAbilities {
  /** Names of backends besides `in_memory`, `file` and `sqlite`; `any` when plugins may bring more. */
  readonly backends: ReadonlySet<string> | 'any';
  /** Policies besides `recency`; `any` when plugins may bring more. */
  readonly policies: ReadonlySet<string> | 'any';
}

const BACKENDS = new Map([
  ['in_memory', 'in_memory'],
  ['file', 'file'],
  ['jsonl', 'file'],
  ['sqlite', 'sqlite'],
]);

const GLOBAL_DEFAULT: ContextProfile = {
  id: 'global_default',
  max_tokens: 8000,
  retrieval_policy: 'recency',
  sources: STORE_NAMES.map((store) => ({ store, tags: [], inherit: false })),
  metadata: {},
};

/** Reads `memory.yaml`. Profiles and policies may also stand beside `memory`. */
export function parseMemory(root: Fields, abilities: MemoryAbilities): MemoryConfig {
  const memory = root.at('memory').nested('memory');
  const store = (name: string) => parseStore(memory.at(`memory.${name}`), name, abilities);
  const stores = {
    task: store('task_store'),
    project: store('project_store'),
    global: store('global_store'),
  };
  const profileFields = [memory, root].flatMap((fields) =>
    fields.entries('context_profiles', 'memory.context_profiles'),
  );
  const profiles = profileFields.map((fields) => parseProfile(fields, abilities));
  checkUnique(profiles.map(({ id }, index) => ({ id, fields: profileFields[index] ?? root })));
  const headTail = [memory, root.at('memory')].map(headTailOf);
  memory.close();
  return {
    stores,
    context_profiles: withGlobalDefault(profiles),
    head_tail_preserve: headTail.find((count) => count !== null) ?? 0,
  };
}

/** The memory of a directory without `memory.yaml`. */
export const DEFAULT_MEMORY: MemoryConfig = {
  stores: { task: inMemory(), project: inMemory(), global: inMemory() },
  context_profiles: [GLOBAL_DEFAULT],
  head_tail_preserve: 0,
};

function inMemory(): MemoryStoreConfig {
  return { backend: 'in_memory', file_path: null, db_path: null, max_items: null, declared: {} };
}

function withGlobalDefault(profiles: readonly ContextProfile[]): readonly ContextProfile[] {
  return profiles.some(({ id }) => id === GLOBAL_DEFAULT.id) ? profiles : [...profiles, GLOBAL_DEFAULT];
}

function parseStore(fields: Fields, key: string, abilities: MemoryAbilities): MemoryStoreConfig {
  const declared = fields.value(key);
  const store = fields.nested(key);
  const name = store.optionalText(['backend', 'type']) ?? 'in_memory';
  const backend = BACKENDS.get(name) ?? name;
  const own = BACKENDS.has(name);
  if (!own && abilities.backends !== 'any' && !abilities.backends.has(name)) {
    store.problem(`unknown backend "${name}"`);
  }
  const config: MemoryStoreConfig = {
    backend,
    file_path: store.optionalText('file_path'),
    db_path: store.optionalText('db_path'),
    max_items: retentionOf(store),
    declared: isJsonObject(declared) ? declared : {},
  };
  // A backend of a plugin has keys of its own.
  if (own) {
    warnOfIdlePaths(store, backend);
    store.close();
  }
  return config;
}

function warnOfIdlePaths(store: Fields, backend: string): void {
  for (const [key, user] of [
    ['file_path', 'file'],
    ['db_path', 'sqlite'],
  ] as const) {
    if (backend !== user && store.has(key))
      store.warn(`"${key}" has no effect: the backend is ${backend}, not ${user}`);
  }
}

/** `retention.max_items`, or the same flat. */
export function retentionOf(fields: Fields): number | null {
  const retention = fields.nested('retention');
  const nested = retention.number('max_items', { min: 1 });
  retention.close();
  return nested ?? fields.number('max_items', { min: 1 });
}

function parseProfile(fields: Fields, { policies }: MemoryAbilities): ContextProfile {
  const policy = fields.requiredChoice<RetrievalPolicy>('retrieval_policy', RETRIEVAL_POLICIES);
  if (policy !== 'recency' && policies !== 'any' && !policies.has(policy)) {
    fields.problem(`the retrieval policy "${policy}" needs a retriever, and none is registered`);
  }
  if (!fields.has('sources')) fields.problem('"sources" is missing');
  if (!fields.has('max_tokens')) fields.problem('"max_tokens" is missing');
  const profile: ContextProfile = {
    id: fields.requiredText('id'),
    max_tokens: fields.number('max_tokens', { min: 1 }) ?? 1,
    retrieval_policy: policy,
    sources: fields.entries('sources').map((source) => parseSource(source, fields)),
    metadata: fields.object('metadata'),
  };
  fields.close();
  return profile;
}

function parseSource(fields: Fields, profile: Fields): ContextProfileSource {
  const source = fields.at(profile.path);
  const parsed: ContextProfileSource = {
    store: source.requiredChoice('store', STORE_NAMES),
    tags: source.texts('tags'),
    inherit: source.flag('inherit', false),
  };
  source.close();
  return parsed;
}

/** `middle_compress` and `compression_policy` are accepted; the engine drops what does not fit, it never summarises. */
function headTailOf(fields: Fields): number | null {
  const policy = fields.nested('context_policy');
  const count = policy.number('head_tail_preserve', { min: 0 });
  policy.flag('middle_compress', true);
  policy.close();
  fields.object('compression_policy');
  return count;
}
