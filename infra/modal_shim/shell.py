"""The command lines that run inside a sandbox. They need `sh`, `setsid`, `head`, `tail` and `tar` there."""

from collections.abc import Sequence
from dataclasses import dataclass

RECORDS = "/tmp/.modal-shim"  # noqa: S108 (inside the sandbox)
FILE_MISSING = 3
FILE_ODD = 4
NOT_STARTED = 127

# The command gets a session and process group of its own, whose number is recorded: Modal cannot end a
# command, so a second one has to. The mark on standard error says that the first was never started.
# What the shell itself says of a killed command is not the command's, and goes nowhere.
_RUN = """
mark=$1 record=$2 folder=$3 input=$4; shift 4
if [ -n "$folder" ] && ! cd "$folder" 2>/dev/null || ! command -v "$1" >/dev/null 2>&1; then
  printf '\\000%s' "$mark" >&2; exit 127
fi
mkdir -p "${record%/*}"
[ "$input" = open ] || exec </dev/null
exec 3>&2 2>/dev/null
(exec 2>&3 3>&- setsid sh -c 'echo $$ >"$0"; exec "$@"' "$record" "$@")
code=$?; rm -f "$record"; exit $code
"""
_SIGNAL = """
tries=0
until [ -s "$1" ]; do tries=$((tries+1)); [ $tries -gt 50 ] && exit 3; sleep 0.1; done
kill -s "$2" -- "-$(cat "$1")" 2>/dev/null
"""
_READ = f'[ -e "$1" ] || exit {FILE_MISSING}; [ -f "$1" ] || exit {FILE_ODD}; exec head -c "$2" "$1"'
_FOLLOW = 'until [ -e "$1" ]; do sleep 0.2; done; exec tail -c "+$2" -f "$1"'
_REST = '[ -e "$1" ] || exit 0; exec tail -c "+$2" "$1"'
# tar stops at the end of the archive; the sender would find nobody to take the padding behind it.
_UNPACK = 'mkdir -p "$1" && tar -x -f - --no-same-owner -C "$1"; code=$?; cat >/dev/null; exit $code'
_PACK = 'exec tar -c -f - -C "$1" .'


@dataclass(frozen=True)
class Wrapped:
    """A command as it is sent to the sandbox."""

    argv: Sequence[str]
    record: str
    mark: bytes


@dataclass(frozen=True)
class Launch:
    """A command, the folder it starts in, and whether it gets input; without, it finds the end of it."""

    command: Sequence[str]
    folder: str | None = None
    stdin: bool = False


def wrap(launch: Launch, exec_id: str) -> Wrapped:
    """The command with its process group recorded under the id."""
    record = f"{RECORDS}/{exec_id}"
    mark = f"not started {exec_id}"
    stdin = "open" if launch.stdin else "none"
    argv = _script(_RUN, mark, record, launch.folder or "", stdin, *launch.command)
    return Wrapped(argv, record, b"\0" + mark.encode())


def signal_group(record: str, signal_name: str) -> Sequence[str]:
    """Sends a signal to a recorded process group. Exit code 0: delivered."""
    return _script(_SIGNAL, record, signal_name)


def read_file(path: str, most_bytes: int) -> Sequence[str]:
    """Writes the beginning of a regular file. Exit code `FILE_MISSING` or `FILE_ODD` says why not."""
    return _script(_READ, path, str(most_bytes))


def follow_file(path: str, from_byte: int) -> Sequence[str]:
    """Writes a file from a byte on, once it is there, and what is added to it."""
    return _script(_FOLLOW, path, str(from_byte + 1))


def rest_of_file(path: str, from_byte: int) -> Sequence[str]:
    """Writes what a file has from a byte on; nothing where there is no file."""
    return _script(_REST, path, str(from_byte + 1))


def unpack(folder: str) -> Sequence[str]:
    """Unpacks a tar stream from standard input into a folder, which it makes."""
    return _script(_UNPACK, folder)


def pack(folder: str) -> Sequence[str]:
    """Writes a folder as a tar stream."""
    return _script(_PACK, folder)


def _script(script: str, *arguments: str) -> Sequence[str]:
    return ["sh", "-c", script, "modal-shim", *arguments]
