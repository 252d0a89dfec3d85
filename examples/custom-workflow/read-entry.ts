import type { DeterministicOp } from '@agentswarm/dag-engine/engine';

const ENTRY = /^([a-z0-9-]+): +(\S.*)$/s;

/** Takes `folder: sentence` apart and asks the tool what package that is. */
export const readEntry: DeterministicOp = async (_task, _node, context) => {
  const { input } = context;
  const [, folder, sentence] = (typeof input === 'string' ? ENTRY.exec(input) : null) ?? [];
  if (folder === undefined || sentence === undefined) {
    return {
      error: { error_id: 'entry_unreadable', message: 'an entry is written "package: what changed"' },
    };
  }
  const found = await context.callTool('find_package', { folder });
  if (found.status !== 'completed') {
    return { error: { error_id: 'package_unknown', message: `there is no package "${folder}"` } };
  }
  const { name, version } = found.output as { readonly name: string; readonly version: string };
  return { output: { package: name, version, sentence } };
};
