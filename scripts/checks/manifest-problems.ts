import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Package } from './packages.ts';

const ENGINES = new Set(['>=22.18', '>=24']);

/** Lists what a published package's manifest and folder lack. */
export function manifestProblems({ folder, manifest }: Package): readonly string[] {
  const { name, version, description, license, type, sideEffects, engines, files } = manifest;
  const facts: readonly (readonly [boolean, string])[] = [
    [/^@agentswarm\/[a-z-]+$/.test(name), 'its name is not @agentswarm/…'],
    [/^\d+\.\d+\.\d+/.test(version ?? ''), 'it has no version'],
    [(description ?? '') !== '', 'it has no description'],
    [license === 'MIT', 'its license is not MIT'],
    [type === 'module', 'it is not ESM ("type": "module")'],
    [sideEffects === false, 'it does not declare "sideEffects": false'],
    [ENGINES.has(engines?.['node'] ?? ''), `its "engines" is none of ${[...ENGINES].join(', ')}`],
    [files?.includes('dist') === true, 'its "files" does not list dist'],
    [existsSync(join(folder, 'LICENSE')), 'it has no LICENSE file'],
    [existsSync(join(folder, 'README.md')), 'it has no README.md'],
  ];
  const missing = facts.filter(([holds]) => !holds).map(([, problem]) => problem);
  return [...missing, ...exportProblems(manifest)].map((problem) => `${name}: ${problem}`);
}

/** Order matters: the first condition that matches wins. */
function exportProblems({ exports = {} }: Manifest): readonly string[] {
  const entries = Object.entries(exports).filter(([path]) => path !== './package.json');
  if (entries.length === 0) return ['it exports nothing'];
  return entries
    .filter(([, target]) => Object.keys(target ?? {}).join() !== '@agentswarm/source,types,default')
    .map(([path]) => `the conditions of its export "${path}" are not @agentswarm/source, types, default`);
}
