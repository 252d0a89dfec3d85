/** Volumes are named by what is in them, so that other machines find them by the same name. */
const NAME_PREFIX = 'agentswarm-layer-';

/** Where a layer is seen inside: by who fills it and by who only reads it. */
const LAYER_PATH = '/mnt/agentswarm-layer';

/** A file with the name of the archive that counts. */
export const MARKER = 'complete';

/** For a shell whose first argument is the volume: whether it has a complete layer, in `$found`. */
export const FIND_ARCHIVE = `read -r found 2>/dev/null <"$1/${MARKER}" && [ -f "$1/$found" ]`;

/** A volume with installed dependencies. */
export interface LayerVolume {
  readonly name: string;
  readonly path: string;
}

/** The volume of a layer. */
export function nameLayerVolume(key: string): LayerVolume {
  return { name: `${NAME_PREFIX}${key}`, path: LAYER_PATH };
}
