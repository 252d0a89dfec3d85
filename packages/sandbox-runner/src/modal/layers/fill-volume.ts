import { randomBytes } from 'node:crypto';
import { SandboxError } from '../../errors.ts';
import type { DependencyInputs } from '../../dependencies/dependency-inputs.ts';
import { SCRIPT_EXITS } from '../../inside/inside-command.ts';
import {
  installDependencies,
  notPlainFolder,
  type InstallPlace,
} from '../../dependencies/install-dependencies.ts';
import { SCRATCH_FOLDERS } from '../../dependencies/layer-format.ts';
import { FIND_ARCHIVE, MARKER, type LayerVolume } from './layer-volume.ts';

const LOOK_TIMEOUT_MS = 60_000;
const PACK_TIMEOUT_MS = 15 * 60_000;

/**
 * Thousands of small files are one big one, which a volume is made for. The archive is kept before the marker
 * names it. Who comes second, from another machine, takes its own away.
 */
const PACK = `
set -e
volume=$1 archive=$2
mkdir node_modules 2>/dev/null || [ -d node_modules ] && [ ! -L node_modules ] || exit ${SCRIPT_EXITS.refused}
(cd node_modules; mkdir -p ${SCRATCH_FOLDERS.join(' ')})
tar -c -f "$volume/$archive" -C node_modules . || { rm -f "$volume/$archive"; exit 1; }
sync "$volume/$archive" "$volume"
if ${FIND_ARCHIVE}; then rm "$volume/$archive"; exit 0; fi
echo "$archive" >"$volume/$archive.marker"
mv "$volume/$archive.marker" "$volume/${MARKER}"
sync "$volume/${MARKER}" "$volume"
`;

/** Whether a mounted volume has a complete layer, made by whomever. */
export async function hasLayer(sandbox: InstallPlace, { path }: LayerVolume): Promise<boolean> {
  const look = sandbox.exec({
    command: ['/bin/sh', '-c', FIND_ARCHIVE, 'sh', path],
    timeoutMs: LOOK_TIMEOUT_MS,
  });
  return (await look.result).exitCode === 0;
}

/**
 * Installs what `inputs` pin and packs it into the mounted volume. Gives how long the installation took.
 *
 * @throws {SandboxError} DEPENDENCIES_FAILED. Nothing in the volume then counts.
 */
export async function fillVolume(
  sandbox: InstallPlace,
  { path }: LayerVolume,
  inputs: DependencyInputs,
): Promise<number> {
  const durationMs = await installDependencies(sandbox, inputs);
  const archive = `${randomBytes(8).toString('hex')}.tar`;
  const packed = await sandbox.exec({
    command: ['/bin/sh', '-c', PACK, 'sh', path, archive],
    timeoutMs: PACK_TIMEOUT_MS,
  }).result;
  if (packed.reason === 'exited' && packed.exitCode === 0) return durationMs;
  if (packed.exitCode === SCRIPT_EXITS.refused) throw notPlainFolder();
  throw new SandboxError(
    'DEPENDENCIES_FAILED',
    'the installed dependencies could not be kept in their volume',
    {
      details: {
        reason: packed.reason,
        exitCode: packed.exitCode ?? null,
        outputTail: packed.stderr.trim().slice(-500),
      },
    },
  );
}
