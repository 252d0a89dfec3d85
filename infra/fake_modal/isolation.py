"""Where the processes of a sandbox run: in namespaces of their own, or on the machine as it is."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .local_process import Command, LocalProcess

FS_TOOL = Path(__file__).with_name("fs_tool.py")
_FS_TOOL_INSIDE = "/__modal/fs_tool.py"
_HOST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Bind:
    """A folder of the host that is seen at `inside`."""

    host: str
    inside: str
    read_only: bool = True


@dataclass(frozen=True)
class Place:
    """What a sandbox needs to start: its root folder, its binds, and whether it has a network."""

    root: str
    binds: Sequence[Bind]
    network: bool


class Room(Protocol):
    """A started sandbox, into which more commands can be sent."""

    entrypoint: LocalProcess

    def enter(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Command:
        """The local command that runs `argv` inside; a folder that is missing there is exit code 125."""
        ...

    def fs_tool(self, request: str) -> Sequence[str]:
        """The arguments that run the file tool inside."""
        ...


class Isolation(Protocol):
    """A way to start sandboxes."""

    name: str

    async def start(self, place: Place, command: Command) -> Room:
        """Starts `command` as the entrypoint."""
        ...


class NoIsolation:
    """Sandboxes see the whole machine. Their folder, and paths of the file tool, lie below their root."""

    name = "none"

    async def start(self, place: Place, command: Command) -> Room:
        """Starts `command` as the entrypoint.

        Raises:
            OSError: the program does not exist.
        """
        cwd = _below(place.root, command.cwd)
        Path(cwd).mkdir(parents=True, exist_ok=True)
        process = await LocalProcess.start(Command(command.argv, command.env, cwd))
        return _HostRoom(process, place.root)


class _HostRoom:
    def __init__(self, entrypoint: LocalProcess, root: str) -> None:
        self.entrypoint = entrypoint
        self._root = root

    def enter(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Command:
        return Command(_from_folder(_below(self._root, cwd), argv), env, "/")

    def fs_tool(self, request: str) -> Sequence[str]:
        return [sys.executable, "-I", "-S", str(FS_TOOL), "--root", self._root, request]


class Namespaces:
    """Each sandbox has its own files, processes and, when its network is blocked, its own empty network."""

    name = "namespaces"

    async def start(self, place: Place, command: Command) -> Room:
        """Starts `command` below a bubblewrap that takes every process with it when it ends."""
        info_read, info_write = os.pipe()
        ready_read, ready_write = os.pipe()
        # By path, because some shells take no descriptor above 9.
        prelude = f'echo ready >/proc/self/fd/{ready_write}; cd "$0" && exec "$@"'
        argv = [
            *bubblewrap(place, info_fd=info_write),
            *("/bin/sh", "-c", prelude, command.cwd, *command.argv),
        ]
        try:
            fds = (info_write, ready_write)
            process = await LocalProcess.start(Command(argv, command.env, "/", pass_fds=fds))
        finally:
            os.close(info_write)
            os.close(ready_write)
        info = await asyncio.to_thread(_read_until, info_read, b"}\n")
        ready = await asyncio.to_thread(_read_until, ready_read, b"\n")
        if not (info and ready):
            process.kill()
            raise OSError("bubblewrap did not start")
        return _NamespaceRoom(process, nsenter(int(json.loads(info)["child-pid"]), network=place.network))


class _NamespaceRoom:
    def __init__(self, entrypoint: LocalProcess, prefix: Sequence[str]) -> None:
        self.entrypoint = entrypoint
        self._prefix = prefix

    def enter(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Command:
        return Command([*self._prefix, *_from_folder(cwd, argv)], env, "/")

    def fs_tool(self, request: str) -> Sequence[str]:
        return [_python(), "-I", "-S", _FS_TOOL_INSIDE, request]


def bubblewrap(place: Place, *, info_fd: int) -> list[str]:
    """The arguments that start a sandbox: its root writable, the system of the host read-only."""
    argv = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--bind", place.root, "/"]
    if os.geteuid() != 0:
        # As root inside, like on Modal; another user would get a second namespace that nsenter cannot cross.
        argv += ["--unshare-user", "--uid", "0", "--gid", "0"]
    if not place.network:
        argv.append("--unshare-net")
    for folder in ("/usr", "/etc", "/opt"):
        argv += ["--ro-bind-try", folder, folder]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            argv += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            argv += ["--ro-bind", str(path), str(path)]
    argv += ["--proc", "/proc", "--dev", "/dev", "--ro-bind", str(FS_TOOL), _FS_TOOL_INSIDE]
    if not sys.base_prefix.startswith("/usr"):
        argv += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    for bind in place.binds:
        argv += ["--ro-bind" if bind.read_only else "--bind", bind.host, bind.inside]
    return [*argv, "--info-fd", str(info_fd), "--"]


def nsenter(pid: int, *, network: bool) -> list[str]:
    """The arguments that come before a command to run it in the namespaces of a process."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    # With a network, that of the machine: nobody but root may enter what it is in already.
    net = [] if network else ["--net"]
    # By path: the PATH of a command is its own.
    program = shutil.which("nsenter", path=_HOST_PATH) or "nsenter"
    return [program, "--target", str(pid), *user, "--mount", "--pid", "--ipc", *net, "--"]


async def choose_isolation(wanted: str) -> Isolation:
    """Gives namespaces where `wanted` is `auto` or `namespaces` and they work here.

    Raises:
        OSError: `namespaces` was asked for and does not work on this machine.
    """
    if wanted != "none" and await _namespaces_work():
        return Namespaces()
    if wanted == "namespaces":
        raise OSError("bubblewrap and nsenter do not work on this machine")
    return NoIsolation()


async def _namespaces_work() -> bool:
    if shutil.which("bwrap") is None or shutil.which("nsenter") is None:
        return False
    env = {"PATH": _HOST_PATH}
    with tempfile.TemporaryDirectory() as root:
        try:
            place = Place(root, [], network=False)
            room = await Namespaces().start(place, Command(["sleep", "60"], env, "/"))
        except OSError:
            return False
        probe = await LocalProcess.start(room.enter(["true"], env, "/"))
        try:
            return await probe.exited == 0
        finally:
            room.entrypoint.kill()
            await room.entrypoint.exited
            for process in (probe, room.entrypoint):
                process.forget()


def _from_folder(folder: str, argv: Sequence[str]) -> list[str]:
    # No shell, which would drop variables that it could not name.
    return ["/usr/bin/env", f"--chdir={folder}", *argv]


def _below(root: str, path: str) -> str:
    return os.path.join(root, path.lstrip("/"))


def _python() -> str:
    return os.path.join(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")


def _read_until(fd: int, end: bytes) -> bytes:
    """Reads until the text ends with `end`; nothing when the pipe ends before."""
    data = b""
    with os.fdopen(fd, "rb", buffering=0) as pipe:
        while not data.endswith(end):
            part = pipe.read(4096)
            if not part:
                return b""
            data += part
    return data
