import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError, type Secret } from '@agentswarm/core';
import type { BackendSettings } from './backend-settings.ts';

/** Where the credentials of Modal are. */
export type ModalCredentialsFound =
  | { readonly kind: 'settings'; readonly tokenId: Secret; readonly tokenSecret: Secret }
  /** What `modal setup` wrote. */
  | { readonly kind: 'profile'; readonly path: string }
  | { readonly kind: 'none' };

/**
 * Looks for credentials; whether they are good only Modal knows.
 *
 * @throws {InputError} CONFIG_INVALID for half of a token.
 */
export function findModalCredentials(
  { modalTokenId: tokenId, modalTokenSecret: tokenSecret }: BackendSettings,
  env: Readonly<Record<string, string | undefined>>,
): ModalCredentialsFound {
  if (tokenId !== undefined && tokenSecret !== undefined) return { kind: 'settings', tokenId, tokenSecret };
  if (tokenId !== undefined || tokenSecret !== undefined) {
    const missing = tokenId === undefined ? 'MODAL_TOKEN_ID' : 'MODAL_TOKEN_SECRET';
    throw new InputError('CONFIG_INVALID', `only half of a Modal token is set: ${missing} is missing`);
  }
  const path = env['MODAL_CONFIG_PATH'] || join(env['HOME'] || homedir(), '.modal.toml');
  return existsSync(path) ? { kind: 'profile', path } : { kind: 'none' };
}
