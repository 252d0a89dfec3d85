import { isJsonObject } from '../model/json.ts';
import type { CredentialDeclaration } from '../model/manifest-set.ts';
import { CREDENTIAL_SOURCES } from '../model/vocabulary.ts';
import type { Fields } from './fields.ts';

/** Reads an entry of `provider_credentials.yaml`: where a secret is, never the secret. */
export function parseCredential(fields: Fields): CredentialDeclaration {
  const id = fields.requiredText('id');
  const provider = fields.requiredText('provider');
  if (!fields.has('auth')) fields.problem('"auth" is missing');
  const declaration: CredentialDeclaration = {
    id,
    provider,
    auth: authOf(fields),
    config: fields.object('config'),
  };
  fields.close();
  return declaration;
}

const NO_AUTH: CredentialDeclaration['auth'] = {
  type: 'api_key',
  source: 'env',
  env_var: null,
  file_path: null,
  file_key: null,
};

function authOf(fields: Fields): CredentialDeclaration['auth'] {
  const auth = fields.nested('auth');
  if (!isJsonObject(fields.value('auth'))) return NO_AUTH;
  const parsed: CredentialDeclaration['auth'] = {
    type: auth.requiredChoice('type', ['api_key']),
    source: auth.requiredChoice('source', CREDENTIAL_SOURCES),
    env_var: auth.optionalText('env_var'),
    file_path: auth.optionalText('file_path'),
    file_key: auth.optionalText('file_key'),
  };
  if (parsed.source === 'env' && parsed.env_var === null) fields.problem('the source "env" needs "env_var"');
  if (parsed.source === 'file' && parsed.file_path === null)
    fields.problem('the source "file" needs "file_path"');
  auth.close();
  return parsed;
}
