import type { ProviderDeclaration } from '../model/manifest-set.ts';
import type { Fields } from './fields.ts';

/** Reads an entry of `providers.yaml`. */
export function parseProvider(fields: Fields, credentials: ReadonlySet<string>): ProviderDeclaration {
  const provider: ProviderDeclaration = {
    id: fields.requiredText('id'),
    type: fields.requiredChoice('type', ['llm', 'tool', 'memory']),
    factory: fields.optionalText(['factory', 'module']),
    credential: fields.optionalText('credential'),
    config: fields.object('config'),
    version: fields.versionText('version') ?? '',
    enabled: fields.flag('enabled', true),
  };
  if (provider.credential !== null && !credentials.has(provider.credential)) {
    fields.problem(`unknown credential "${provider.credential}"`);
  }
  fields.close();
  return provider;
}
