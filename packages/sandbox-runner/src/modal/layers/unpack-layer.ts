import { SandboxError } from '../../errors.ts';
import { SCRIPT_EXITS, scriptFailure, startScript, type RunInside } from '../../inside/inside-command.ts';
import { REMOTE_PATHS } from '../files/remote-places.ts';
import { FIND_ARCHIVE, type LayerVolume } from './layer-volume.ts';

const UNPACK_TIMEOUT_MS = 15 * 60_000;

const UNPACK = `
${FIND_ARCHIVE} || exit ${SCRIPT_EXITS.missing}
target=$3/node_modules
[ ! -L "$target" ] || exit ${SCRIPT_EXITS.refused}
mkdir -p "$target" && exec tar -x -f "$1/$found" --no-same-owner -C "$target"
`;

/**
 * Puts what a mounted layer has into the checkout. Gives false when there is no complete layer.
 *
 * @throws {SandboxError} DEPENDENCIES_FAILED when it cannot be put there.
 */
export async function unpackLayer(run: RunInside, { path }: LayerVolume): Promise<boolean> {
  const place = { folder: path, relative: '' };
  const request = {
    script: UNPACK,
    path: place,
    argument: REMOTE_PATHS.workdir,
    timeoutMs: UNPACK_TIMEOUT_MS,
  };
  const failure = scriptFailure(await startScript(run, request).result);
  if (failure === undefined) return true;
  if (failure.missing) return false;
  throw new SandboxError('DEPENDENCIES_FAILED', `node_modules of the checkout ${failure.why}`);
}
