import { SCRIPT_EXITS } from './inside-command.ts';

/*
 * Programs for `sh` that act on files as commands see them. They take a folder of the sandbox and a path
 * below it, refuse to go through links, and tell how they failed by their exit code.
 */

/**
 * Goes to the folder of the path and leaves the last name in `p`, to be looked at by who asked. Where it
 * stands is asked after each step, not before: a folder may become a link meanwhile. The system's own
 * tools come first.
 */
const WALK = (makeFolders: boolean) => `
PATH=/usr/bin:/bin:$PATH
set -f
enter() {
  ${makeFolders ? `[ -e "./$1" ] || [ -L "./$1" ] || mkdir -- "./$1" || exit ${SCRIPT_EXITS.refused}` : ''}
  [ -e "./$1" ] || [ -L "./$1" ] || exit ${SCRIPT_EXITS.missing}
  above=\${PWD%/}
  cd -P -- "./$1" && [ "$PWD" = "$above/$1" ] || exit ${SCRIPT_EXITS.refused}
}
cd -P -- "$1" || exit ${SCRIPT_EXITS.refused}
rest=$2
while :; do
  case $rest in */*) ;; *) break ;; esac
  enter "\${rest%%/*}"; rest=\${rest#*/}
done
p=./$rest
`;

/** Gives at most `$3` bytes of a plain file. */
export const READ_FILE = `${WALK(false)}
[ ! -L "$p" ] || exit ${SCRIPT_EXITS.refused}
[ -e "$p" ] || exit ${SCRIPT_EXITS.missing}
[ -f "$p" ] || exit ${SCRIPT_EXITS.refused}
exec head -c "$3" <"$p"
`;

/** Writes standard input to a plain file, making the folders that are missing. */
export const WRITE_FILE = `${WALK(true)}
[ ! -L "$p" ] || exit ${SCRIPT_EXITS.refused}
[ ! -e "$p" ] || [ -f "$p" ] || exit ${SCRIPT_EXITS.refused}
exec cat >"$p"
`;

/**
 * Gives a folder as an archive. GNU tar exits with 1 when something changed while it was read, which it
 * says of folders of an overlay that nobody changed.
 */
export const PACK_FOLDER = `${WALK(false)}
[ -z "$rest" ] || enter "$rest"
tar -cf - .
code=$?
[ $code != 1 ] || ! tar --version 2>&1 | grep -q GNU || exit 0
exit $code
`;

/** Takes an archive into a folder, making it when it is missing. */
export const UNPACK_FOLDER = `${WALK(true)}
[ -z "$rest" ] || enter "$rest"
exec tar -xof -
`;
