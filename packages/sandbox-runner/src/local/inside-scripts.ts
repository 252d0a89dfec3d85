import { SCRIPT_EXITS } from './inside-command.ts';

/*
 * Programs for `sh` that act on files as commands see them. They take a folder of the sandbox and a path
 * below it, refuse to go through links, and tell how they failed by their exit code.
 */

/** Leaves the path in `p`; the last name is looked at by who asked. The system's own tools come first. */
const WALK = (makeFolders: boolean) => `
PATH=/usr/bin:/bin:$PATH
set -f
p=$1; rest=$2
while :; do
  case $rest in */*) ;; *) break ;; esac
  p=$p/\${rest%%/*}; rest=\${rest#*/}
  [ ! -L "$p" ] || exit ${SCRIPT_EXITS.refused}
  ${makeFolders ? `[ -d "$p" ] || mkdir -- "$p" || exit ${SCRIPT_EXITS.refused}` : ''}
done
[ -z "$rest" ] || p=$p/$rest
[ ! -L "$p" ] || exit ${SCRIPT_EXITS.refused}
`;

/** Gives at most `$3` bytes of a plain file. */
export const READ_FILE = `${WALK(false)}
[ -e "$p" ] || exit ${SCRIPT_EXITS.missing}
[ -f "$p" ] || exit ${SCRIPT_EXITS.refused}
exec head -c "$3" <"$p"
`;

/** Writes standard input to a plain file, making the folders that are missing. */
export const WRITE_FILE = `${WALK(true)}
[ ! -e "$p" ] || [ -f "$p" ] || exit ${SCRIPT_EXITS.refused}
exec cat >"$p"
`;

/**
 * Gives a folder as an archive. GNU tar exits with 1 when something changed while it was read, which it
 * says of folders of an overlay that nobody changed.
 */
export const PACK_FOLDER = `${WALK(false)}
[ -e "$p" ] || exit ${SCRIPT_EXITS.missing}
[ -d "$p" ] || exit ${SCRIPT_EXITS.refused}
cd -P -- "$p" || exit ${SCRIPT_EXITS.refused}
tar -cf - .
code=$?
[ $code != 1 ] || ! tar --version 2>&1 | grep -q GNU || exit 0
exit $code
`;

/** Takes an archive into a folder, making it when it is missing. */
export const UNPACK_FOLDER = `${WALK(true)}
[ -d "$p" ] || mkdir -- "$p" || exit ${SCRIPT_EXITS.refused}
cd -P -- "$p" && exec tar -xof -
`;
