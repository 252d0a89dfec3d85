"""The command lines that run inside a sandbox. README.md says which programs they need there."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import ShimError

RECORDS = "/tmp/.modal-shim"  # noqa: S108 (inside the sandbox)
FILE_MISSING = 3
FILE_ODD = 4
NOT_STARTED = frozenset({126, 127})
# Names the variables that a command is to see. All that the scripts need themselves begins like it.
NAMES = "_shim_names"
# How often what carries a label is looked for, because it may start more of its kind meanwhile.
_KILL_ROUNDS = 200

# POSIX counts the size of a file in these.
BLOCKS_PER_MB = 2048
_LABEL_VALUE = re.compile(r"[A-Za-z0-9_.:-]+")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# By themselves, some shells set these for what they start.
_SHELL_NAMES = ("PWD", "OLDPWD", "SHLVL", "_")

# Kills by name whatever has `_shim_label` in its environment, until there is nothing left.
_KILL_LABELLED = f"""
_shim_round=0
while [ -n "$_shim_label" ] && [ $_shim_round -lt {_KILL_ROUNDS} ]; do
  _shim_round=$((_shim_round+1)) _shim_left=
  for _shim_each in $(grep -lszxF -e "$_shim_label" /proc/[0-9]*/environ); do
    _shim_each=${{_shim_each#/proc/}} _shim_each=${{_shim_each%/environ}}
    [ "$_shim_each" = $$ ] || {{ kill -s KILL "$_shim_each" && _shim_left=yes; }}
  done
  [ -n "$_shim_left" ] || break
done
"""
# Variables that nobody asked for are taken away by name; a name too many, out of a value, does no harm. The
# command gets a session and process group of its own, whose number is recorded: Modal cannot end a command,
# so another one has to. A message that begins with the mark says that it was never started. What the shell
# itself says of a killed command is not the command's, and goes nowhere. Nothing it started outlives it.
_RUN = f"""
_shim_keep=${NAMES} _shim_mark=$1 _shim_record=$2 _shim_folder=$3 _shim_input=$4 _shim_label=$5
_shim_shell=$6 _shim_start=$7
shift 7
unset {NAMES}; set -f; IFS='
'
for _shim_each in $(export -p); do
  _shim_each=${{_shim_each#export }} _shim_each=${{_shim_each%%=*}}
  case $_shim_each in ''|[0-9]*|_shim_*|*[!A-Za-z0-9_]*) continue ;; esac
  case $_shim_keep in *"=$_shim_each="*) ;; *) command unset "$_shim_each" 2>/dev/null ;; esac
done
unset IFS; set +f
if [ -n "$_shim_folder" ] && ! cd "$_shim_folder" 2>/dev/null; then
  echo "$_shim_mark: no folder $_shim_folder" >&2; exit 127
fi
_shim_path=$PATH PATH=/usr/bin:/bin:/usr/local/bin
[ -d "${{_shim_record%/*}}" ] || mkdir -p "${{_shim_record%/*}}"
[ "$_shim_input" = open ] || exec </dev/null
exec 3>&2 2>/dev/null
(
  _shim_each=/usr/bin/setsid; [ -x "$_shim_each" ] || _shim_each=/bin/setsid
  PATH=$_shim_path
  exec 2>&3 3>&- "$_shim_each" $_shim_shell -c "$_shim_start" "$_shim_mark" "$_shim_record" "$@"
)
_shim_code=$?
[ -z "$_shim_label" ] || command unset "${{_shim_label%%=*}}"
read -r _shim_each <"$_shim_record" && kill -s KILL -- "-$_shim_each"
{_KILL_LABELLED}
rm -f "$_shim_record"; exit $_shim_code
"""
_SIGNAL = """
tries=0
until [ -s "$1" ]; do tries=$((tries+1)); [ $tries -gt 50 ] && exit 3; sleep 0.1; done
kill -s "$2" -- "-$(cat "$1")" 2>/dev/null
"""
# The same for a command whose shell may have been killed, from outside of it.
_END = f"""
exec 2>/dev/null
_shim_label=$2
[ ! -s "$1" ] || kill -s KILL -- "-$(cat "$1")"
{_KILL_LABELLED}
rm -f "$1"
"""
_READ = f'[ -e "$1" ] || exit {FILE_MISSING}; [ -f "$1" ] || exit {FILE_ODD}; exec head -c "$2" "$1"'
_FOLLOW = 'until [ -e "$1" ]; do sleep 0.2; done; exec tail -c "+$2" -f "$1"'
_REST = '[ -e "$1" ] || exit 0; exec tail -c "+$2" "$1"'
# tar stops at the end of the archive; the sender would find nobody to take the padding behind it.
_UNPACK = 'mkdir -p "$1" && tar -x -f - --no-same-owner -C "$1"; code=$?; cat >/dev/null; exit $code'
_PACK = 'exec tar -c -f - -C "$1" .'


@dataclass(frozen=True)
class ProcessBounds:
    """What the kernel lets each process of a command have: MiB of one file, seconds of a processor."""

    file_mb: float | None = None
    cpu_s: int | None = None
    open_files: int | None = None


@dataclass(frozen=True)
class Launch:
    """A command and all that it starts with. It sees the variables of `env`, a PATH, and nothing else.

    `label` names one of these, whose value no other command has: what carries it ends with the command.
    Without `stdin` it finds the end of its input.
    """

    command: Sequence[str]
    folder: str | None = None
    stdin: bool = False
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    label: str | None = None
    bounds: ProcessBounds | None = None


@dataclass(frozen=True)
class Wrapped:
    """A command as it is sent to the sandbox."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    record: str
    mark: bytes
    label: str


def wrap(launch: Launch, exec_id: str) -> Wrapped:
    """The command with its process group recorded under the id.

    Raises:
        ShimError: INVALID_PARAMS when no label has the name, or its value is none.
    """
    record = f"{RECORDS}/{exec_id}"
    mark = f"modal-shim-{exec_id}"
    stdin = "open" if launch.stdin else "none"
    label = _label(launch)
    shell = _shell(launch.env)
    start = _start(launch)
    argv = [*shell, "-c", _RUN, "modal-shim", mark, record, launch.folder or "", stdin, label]
    env = {**launch.env, NAMES: f"=PATH={'='.join(launch.env)}="}
    return Wrapped([*argv, " ".join(shell), start, *launch.command], env, record, f"{mark}: ".encode(), label)


def _label(launch: Launch) -> str:
    if launch.label is None:
        return ""
    value = launch.env.get(launch.label, "")
    if not (_PLAIN_NAME.fullmatch(launch.label) and _LABEL_VALUE.fullmatch(value)):
        raise ShimError("INVALID_PARAMS", f"{launch.label} cannot be the label of a command")
    return f"{launch.label}={value}"


def _shell(env: Mapping[str, str]) -> Sequence[str]:
    """Small shells drop variables that they could not name; this one hands them on."""
    odd = any(not _PLAIN_NAME.fullmatch(name) for name in env)
    return ("/bin/bash", "--posix", "-p") if odd else ("/bin/sh",)


def _start(launch: Launch) -> str:
    """What the first process of the group does before it becomes the command."""
    steps = ['echo $$ >"$1"; shift']
    unwanted = [name for name in _SHELL_NAMES if name not in launch.env]
    steps += [f"unset {' '.join(unwanted)}"] if unwanted else []
    steps += _bind(launch.bounds) if launch.bounds else []
    return "; ".join([*steps, 'exec "$@"'])


def _bind(bounds: ProcessBounds) -> Sequence[str]:
    """A write beyond the size of a file fails, and the command goes on. What a system has not is left out."""
    steps = ["ulimit -c 0"]
    if bounds.open_files is not None:
        steps.append(f"ulimit -n {bounds.open_files}")
    if bounds.file_mb is not None:
        steps += ["trap '' XFSZ", f"ulimit -f {math.ceil(bounds.file_mb * BLOCKS_PER_MB)}"]
    if bounds.cpu_s is not None:
        steps.append(f"ulimit -t {bounds.cpu_s}")
    return [f"{{ {'; '.join(steps)}; }} 2>/dev/null"]


def signal_group(record: str, signal_name: str) -> Sequence[str]:
    """Sends a signal to a recorded process group. Exit code 0: delivered."""
    return _script(_SIGNAL, record, signal_name)


def end_all(wrapped: Wrapped) -> Sequence[str]:
    """Kills what a command has left, and forgets it."""
    return _script(_END, wrapped.record, wrapped.label)


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
    return ["/bin/sh", "-c", script, "modal-shim", *arguments]
