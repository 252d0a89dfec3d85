"""A child process in a session of its own, with its output kept and its end known."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .byte_log import CHUNK_BYTES, ByteLog


@dataclass(frozen=True)
class Command:
    """What to start: arguments, the whole environment, the folder, and the streams that are kept."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    keep_stdout: bool = True
    keep_stderr: bool = True
    pass_fds: tuple[int, ...] = ()


class StdinClosed(Exception):
    """Standard input was closed, or nobody reads it any more."""


class LocalProcess:
    """A started command. `exited` gives its return code, negative for a signal, as `subprocess` does."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: asyncio.StreamWriter) -> None:
        self._child = child
        self._stdin = stdin
        self._readers: list[asyncio.Task[None]] = []
        self.stdout = ByteLog()
        self.stderr = ByteLog()
        self.stdin_bytes = 0
        self.stdin_closed = False
        self.exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @classmethod
    async def start(cls, command: Command) -> "LocalProcess":
        """Starts it.

        Raises:
            OSError: the program or the folder does not exist.
        """
        child = subprocess.Popen(
            list(command.argv),
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if command.keep_stdout else subprocess.DEVNULL,
            stderr=subprocess.PIPE if command.keep_stderr else subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=command.pass_fds,
            bufsize=0,
        )
        process = cls(child, await _writer(child))
        process._collect(child.stdout, process.stdout)
        process._collect(child.stderr, process.stderr)
        loop = asyncio.get_running_loop()
        # One thread a process: asyncio's own way of waiting differs between versions and platforms.
        threading.Thread(target=process._wait, args=(loop,), daemon=True).start()
        return process

    async def write_stdin(self, data: bytes, *, offset: int) -> None:
        """Writes what of `data` lies beyond what was accepted before.

        Raises:
            StdinClosed: nobody reads it any more.
        """
        fresh = data[max(0, self.stdin_bytes - offset) :]
        if not fresh:
            return
        if self.stdin_closed or self.exited.done():
            raise StdinClosed
        self.stdin_bytes += len(fresh)
        try:
            self._stdin.write(fresh)
            await self._stdin.drain()
        except ConnectionError as error:
            self.close_stdin()
            raise StdinClosed from error

    def close_stdin(self) -> None:
        """Lets the command see the end of its input. Safe to call twice."""
        self.stdin_closed = True
        self._stdin.close()

    def kill(self) -> None:
        """Kills its process group; what left the group for a session of its own stays."""
        if self._child.returncode is None:
            try:
                os.killpg(self._child.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    async def wait(self) -> None:
        """Waits for its end; its output may still come."""
        await asyncio.shield(self.exited)

    def forget(self) -> None:
        """Stops reading its output; readers of the logs end."""
        for reader in self._readers:
            reader.cancel()
        self.close_stdin()

    def _collect(self, pipe: object, log: ByteLog) -> None:
        if pipe is None:
            log.close()
        else:
            self._readers.append(asyncio.create_task(_copy(pipe, log)))

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        code = self._child.wait()
        try:
            loop.call_soon_threadsafe(self._set_exited, code)
        except RuntimeError:
            return  # The loop is closed: nobody asks any more.

    def _set_exited(self, code: int) -> None:
        if not self.exited.done():
            self.exited.set_result(code)


async def _copy(pipe: object, log: ByteLog) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=CHUNK_BYTES)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        while data := await reader.read(CHUNK_BYTES):
            log.append(data)
            await log.wait_for_room()
    finally:
        transport.close()
        log.close()


async def _writer(child: subprocess.Popen[bytes]) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), child.stdin
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)
