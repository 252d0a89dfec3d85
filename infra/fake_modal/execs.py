"""A command that was sent into a sandbox."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .isolation import Room
from .local_process import LocalProcess

FS_TOOLS_PATH = "/__modal/.bin/modal-sandbox-fs-tools"


@dataclass(frozen=True)
class ExecRequest:
    """What to run. `timeout_s` 0 or none: no limit."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    timeout_s: int | None
    keep_stdout: bool
    keep_stderr: bool


class Exec:
    """A running or ended command, its output kept until its sandbox ends."""

    def __init__(self, process: LocalProcess, argv: Sequence[str], timeout_s: int | None) -> None:
        self.process = process
        self.argv = argv
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(timeout_s, process.kill) if timeout_s else None
        process.exited.add_done_callback(lambda _: self._cancel_timer())

    @classmethod
    async def start(cls, room: Room, request: ExecRequest) -> "Exec":
        """Starts it inside the sandbox."""
        argv = request.argv
        if argv[0] == FS_TOOLS_PATH:
            argv = room.fs_tool(argv[1])
        command = replace(
            room.enter(argv, request.env, request.cwd),
            keep_stdout=request.keep_stdout,
            keep_stderr=request.keep_stderr,
        )
        return cls(await LocalProcess.start(command), request.argv, request.timeout_s)

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative for a signal."""
        return self.process.exited.result() if self.process.exited.done() else None

    def end(self) -> None:
        """Kills it and forgets its output."""
        self._cancel_timer()
        self.process.kill()
        self.process.forget()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
