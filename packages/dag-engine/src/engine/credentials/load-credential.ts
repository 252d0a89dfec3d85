import { isAbsolute, join, resolve } from 'node:path';
import type { CredentialDeclaration } from '../model/manifest-set.ts';
import { findSecretField } from './secret-field.ts';
import { readSecretFile } from './secret-file.ts';

export interface CredentialSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly configDir: string;
}

export type LoadedCredential =
  | { readonly ok: true; readonly value: string; readonly warning?: string }
  | { readonly ok: false; readonly reason: string };

/** Loads one credential; a failure is a value without any of the secret in it. */
export function loadCredential(
  { auth }: CredentialDeclaration,
  sources: CredentialSources,
): LoadedCredential {
  return auth.source === 'env' ? loadFromEnv(auth.env_var ?? '', sources) : loadFromFile(auth, sources);
}

function loadFromEnv(name: string, { env }: CredentialSources): LoadedCredential {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined) return { ok: false, reason: `Environment variable not found: ${name}` };
  if (value.trim() === '') return { ok: false, reason: `Environment variable is empty: ${name}` };
  return { ok: true, value: value.replace(/\r?\n$/, '') };
}

function loadFromFile(
  { file_path, file_key }: CredentialDeclaration['auth'],
  { env, configDir }: CredentialSources,
): LoadedCredential {
  const path = pathOf(file_path ?? '', env['HOME'], configDir);
  const file = readSecretFile(path);
  if (!file.ok) return file;
  const found =
    file_key === null
      ? ({ ok: true, value: file.content } as const)
      : findSecretField(file.content, file_key);
  if (!found.ok) return { ok: false, reason: `${found.reason}: ${path}` };
  const value = file_key === null ? found.value.trim() : found.value;
  if (value.trim() === '') return { ok: false, reason: `value is empty: ${path}` };
  return {
    ok: true,
    value,
    ...(file.openToOthers ? { warning: `file is open to other users: ${path}` } : {}),
  };
}

function pathOf(declared: string, home: string | undefined, configDir: string): string {
  if (home !== undefined && (declared === '~' || declared.startsWith('~/')))
    return join(home, declared.slice(1));
  return isAbsolute(declared) ? declared : resolve(configDir, declared);
}
