import type { PluginDeclaration } from '../model/manifest-set.ts';
import type { Fields } from './fields.ts';

/** Reads an entry of `plugins.yaml`. Whether its class exists is known only when it is loaded. */
export function parsePlugin(fields: Fields): PluginDeclaration {
  const plugin: PluginDeclaration = {
    id: fields.requiredText('id'),
    entrypoint: fields.requiredText(['module', 'entrypoint']),
    enabled: fields.flag('enabled', true),
    config: fields.object('config'),
  };
  if (plugin.entrypoint !== '' && !/[.:][^.:/\\]+$/.test(plugin.entrypoint)) {
    fields.problem(`"${plugin.entrypoint}" does not end in the name of a class`);
  }
  fields.close();
  return plugin;
}
