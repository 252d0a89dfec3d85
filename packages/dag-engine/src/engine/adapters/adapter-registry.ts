import type { Secret } from '@agentswarm/core';
import { sha256 } from '../metadata/manifest-digest.ts';
import type { ContextRetriever } from '../memory/context-assembler.ts';
import type { MemoryStore } from '../memory/memory-store.ts';
import type { TextMapping } from '../model/frozen-json.ts';
import type { JsonObject } from '../model/json.ts';
import type { MemoryStoreConfig, ToolDefinition } from '../model/manifest-set.ts';
import type { AdapterType, RetrievalPolicy, StoreName } from '../model/vocabulary.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * Makes a client for a model. Contract: `config` is the agent's, below it the credential's, below it the provider's;
 * `credential` is the one declared for the provider.
 */
export type LlmFactory<Client> = (config: JsonObject, credential: Secret | null) => Client;
/** Makes a tool of its own `type`, confined to the workspace. */
export type ToolFactory<Tool> = (definition: ToolDefinition, workspaceRoot: string) => Tool;
/**
 * Makes the store of a registered backend; called once for each store that names it. Contract: `max_items` of the store
 * `task` bounds the items of each task alone, that of the others all items.
 */
export type MemoryStoreFactory = (store: StoreName, config: MemoryStoreConfig) => MemoryStore;

/** An adapter as metadata shows it. */
export interface AdapterMetadata {
  readonly adapter_id: string;
  readonly adapter_type: AdapterType;
  /** Empty when it has none. */
  readonly version: string;
  /** SHA-256 of its settings as canonical JSON, without secrets. */
  readonly config_hash: string;
  readonly enabled: boolean;
  readonly metadata: JsonObject;
}

export type AdapterDescription = Omit<AdapterMetadata, 'config_hash' | 'adapter_type'> & {
  readonly config: JsonObject;
};

/** What plugins may add to before anything is built: everything but looking things up. */
export type AdapterRegistration<Client, Tool> = Pick<
  AdapterRegistry<Client, Tool>,
  'registerLlmFactory' | 'registerToolFactory' | 'registerMemoryStoreFactory' | 'registerRetriever'
>;

/** The factories of an engine, and the adapters it uses. A factory of the same name replaces the one before. */
export class AdapterRegistry<Client, Tool> {
  readonly #llmFactories = new Map<string, LlmFactory<Client>>();
  readonly #toolFactories = new Map<string, ToolFactory<Tool>>();
  readonly #memoryFactories = new Map<string, MemoryStoreFactory>();
  readonly #retrievers = new Map<RetrievalPolicy, ContextRetriever>();
  readonly #llms = new Map<string, AdapterDescription>();
  readonly #tools = new Map<string, AdapterDescription>();
  readonly #redact: TextMapping;

  constructor(options: { readonly redact?: TextMapping } = {}) {
    this.#redact = options.redact ?? ((text) => text);
  }

  registerLlmFactory(provider: string, factory: LlmFactory<Client>): void {
    this.#llmFactories.set(provider, factory);
  }

  registerToolFactory(type: string, factory: ToolFactory<Tool>): void {
    this.#toolFactories.set(type, factory);
  }

  registerMemoryStoreFactory(backend: string, factory: MemoryStoreFactory): void {
    this.#memoryFactories.set(backend, factory);
  }

  registerRetriever(policy: RetrievalPolicy, retriever: ContextRetriever): void {
    this.#retrievers.set(policy, retriever);
  }

  /** Notes a model an agent uses, `provider/model`. */
  registerLlm(description: AdapterDescription): void {
    this.#llms.set(description.adapter_id, description);
  }

  /** Notes a tool. */
  registerTool(description: AdapterDescription): void {
    this.#tools.set(description.adapter_id, description);
  }

  /** `null` for a provider nobody registered. */
  createLlm(provider: string, config: JsonObject, credential: Secret | null = null): Client | null {
    return this.#llmFactories.get(provider)?.(config, credential) ?? null;
  }

  /** `undefined` for a type nobody registered. */
  toolFactory(type: string): ToolFactory<Tool> | undefined {
    return this.#toolFactories.get(type);
  }

  hasMemoryStore(backend: string): boolean {
    return this.#memoryFactories.has(backend);
  }

  /** `null` for a backend nobody registered. */
  createMemoryStore(backend: string, store: StoreName, config: MemoryStoreConfig): MemoryStore | null {
    return this.#memoryFactories.get(backend)?.(store, config) ?? null;
  }

  retrievers(): ReadonlyMap<RetrievalPolicy, ContextRetriever> {
    return this.#retrievers;
  }

  /** Models first, then tools, each in the order they were registered. */
  getAdapterMetadata(): readonly AdapterMetadata[] {
    return [
      ...[...this.#llms.values()].map((description) => this.#describe('llm', description)),
      ...[...this.#tools.values()].map((description) => this.#describe('tool', description)),
    ];
  }

  #describe(adapter_type: AdapterType, { config, ...description }: AdapterDescription): AdapterMetadata {
    return { ...description, adapter_type, config_hash: sha256(this.#redact(canonicalJson(config))) };
  }
}
