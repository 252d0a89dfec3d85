import { createRedactor, Secret, silentLogger, type Logger } from '@agentswarm/core';
import type { EventEmitter } from '../model/engine-event.ts';
import { keepText, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject } from '../model/json.ts';
import type { CredentialDeclaration } from '../model/manifest-set.ts';
import type { CredentialSource } from '../model/vocabulary.ts';
import { CredentialNotFoundError } from '../errors.ts';
import { loadCredential, type CredentialSources, type LoadedCredential } from './load-credential.ts';

/** A credential as others may see it. */
export interface CredentialMetadata {
  readonly credential_id: string;
  readonly provider: string;
  readonly source: CredentialSource;
  readonly loaded: boolean;
  readonly error: string | null;
}

export interface CredentialProviderOptions extends CredentialSources {
  readonly logger?: Logger;
}

interface Held {
  readonly metadata: CredentialMetadata;
  readonly secret: Secret | null;
  readonly config: JsonObject;
}

/** A credential for a provider, with the settings that come with it. */
export interface ProviderCredential {
  readonly secret: Secret;
  readonly config: JsonObject;
}

/**
 * Holds the credentials of an engine. All are loaded when it is made: one that cannot be loaded is noted, not thrown.
 * Values are given out as {@link Secret} only.
 */
export class CredentialProvider {
  readonly #held: ReadonlyMap<string, Held>;
  /** Replaces every loaded value in a text; for events, artifacts and memories. */
  readonly redact: TextMapping;

  constructor(declarations: readonly CredentialDeclaration[], options: CredentialProviderOptions) {
    const logger = options.logger ?? silentLogger;
    const held = declarations.map((declaration): [string, Held] => {
      const loaded = loadCredential(declaration, options);
      if (loaded.ok && loaded.warning !== undefined) {
        logger.warn({ credential: declaration.id, warning: loaded.warning }, 'credential is not private');
      }
      return [declaration.id, hold(declaration, loaded)];
    });
    this.#held = new Map(held);
    const secrets = [...this.#held.values()].flatMap(({ secret }) => secret ?? []);
    this.redact = secrets.length === 0 ? keepText : createRedactor(secrets);
  }

  /** @throws {CredentialNotFoundError} When it is not declared or could not be loaded. */
  getCredential(id: string): Secret {
    const held = this.#held.get(id);
    if (held === undefined) throw new CredentialNotFoundError(id, 'it is not declared');
    if (held.secret === null)
      throw new CredentialNotFoundError(id, held.metadata.error ?? 'it is not loaded');
    return held.secret;
  }

  /** The first loaded credential for a provider. */
  forProvider(provider: string): ProviderCredential | null {
    for (const { metadata, secret, config } of this.#held.values()) {
      if (metadata.provider === provider && secret !== null) return { secret, config };
    }
    return null;
  }

  getCredentialMetadata(id: string): CredentialMetadata | null {
    return this.#held.get(id)?.metadata ?? null;
  }

  getAllMetadata(): readonly CredentialMetadata[] {
    return [...this.#held.values()].map(({ metadata }) => metadata);
  }

  /** Whether it is declared and loaded. */
  hasCredential(id: string): boolean {
    return this.#held.get(id)?.metadata.loaded === true;
  }

  listCredentialIds(): readonly string[] {
    return [...this.#held.keys()];
  }

  listLoadedCredentialIds(): readonly string[] {
    return this.listCredentialIds().filter((id) => this.hasCredential(id));
  }

  listFailedCredentialIds(): readonly string[] {
    return this.listCredentialIds().filter((id) => !this.hasCredential(id));
  }

  /** Tells what became of each credential, in declaration order. */
  report(events: EventEmitter): void {
    for (const { credential_id, provider, source, loaded, error } of this.getAllMetadata()) {
      events.emit({
        name: loaded ? 'credential_loaded' : 'credential_failed',
        task_id: null,
        stage_id: null,
        payload: { credential_id, provider, source, ...(error === null ? {} : { error }) },
      });
    }
  }
}

function hold({ id, provider, auth, config }: CredentialDeclaration, loaded: LoadedCredential): Held {
  const error = loaded.ok ? null : loaded.reason;
  return {
    metadata: Object.freeze({ credential_id: id, provider, source: auth.source, loaded: loaded.ok, error }),
    secret: loaded.ok ? new Secret(loaded.value) : null,
    config,
  };
}
