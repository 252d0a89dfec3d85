"""A sandbox that the shim holds."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import aclosing

from .errors import ShimError
from .provider import Command, Process, Sandbox, StreamName
from .shell import Launch, Wrapped, end_all, signal_group, wrap

# For the shim's own commands: a signal, a file.
SHORT_TIMEOUT_S = 60
_STREAMS: Sequence[StreamName] = ("stdout", "stderr")
_LOG = logging.getLogger("modal-shim")


class SandboxEntry:
    """A handle, the lock of its first command, and whether it is being ended by us."""

    def __init__(self, handle: Sandbox, start_timeout_s: float) -> None:
        self.handle = handle
        self._start_timeout_s = start_timeout_s
        self._first = asyncio.Lock()
        self._connected = False
        self.ending = False

    async def terminate(self) -> None:
        """Ends the sandbox; what is lost of it meanwhile is lost for this reason."""
        self.ending = True
        try:
            await self.handle.terminate()
        except BaseException:
            self.ending = False
            raise

    async def why_lost(self, error: ShimError) -> ShimError:
        """The failure of something inside, or that the whole sandbox has ended."""
        try:
            ended = self.ending or await self.handle.poll() is not None
        except ShimError as unclear:
            ended = unclear.kind == "gone"
        return ShimError("SANDBOX_ENDED", f"{self.handle.id} has ended: {error}") if ended else error

    async def start(self, command: Command) -> Process:
        """Starts a command. The first one opens the connection to the sandbox, so it goes alone.

        Raises:
            ShimError: TIMED_OUT when the sandbox does not start in time.
        """
        if self._connected:
            return await self._start(command)
        async with self._first:
            process = await self._start(command)
            self._connected = True
            return process

    async def run_group(self, launch: Launch, *, timeout_s: int) -> tuple[str, Wrapped, Process]:
        """Starts a command in a process group of its own, under a new id.

        Cancelled, or failed so that it may run all the same, it kills the group.

        Raises:
            ShimError: also when the label is none.
        """
        exec_id = secrets.token_hex(12)
        wrapped = wrap(launch, exec_id)
        try:
            process = await self.start(Command(wrapped.argv, timeout_s, wrapped.env))
        except (asyncio.CancelledError, ShimError) as error:
            unclear = isinstance(error, asyncio.CancelledError) or error.retryable
            if self._connected and unclear:
                await asyncio.shield(self._kill_late(wrapped))
            raise
        return exec_id, wrapped, process

    async def run_script(self, argv: Sequence[str]) -> tuple[int | None, bytes, bytes]:
        """Runs a short command of the shim's own and gives its code and streams."""
        process = await self.start(Command(argv, SHORT_TIMEOUT_S))
        stdout, stderr = await asyncio.gather(*(_read(process, stream) for stream in _STREAMS))
        return await process.wait(), stdout, stderr

    async def signal(self, record: str, signal_name: str) -> bool:
        """Sends a signal to a recorded process group; false when there is none any more."""
        code, _, _ = await self.run_script(signal_group(record, signal_name))
        return code == 0

    async def end(self, wrapped: Wrapped) -> None:
        """Kills what a command has left, as far as the sandbox can be reached."""
        try:
            await self.run_script(end_all(wrapped))
        except ShimError as error:
            _LOG.warning("what a command left could not be killed: %s", error)

    async def _kill_late(self, wrapped: Wrapped) -> None:
        """Kills a command that may be about to start."""
        try:
            await self.signal(wrapped.record, "KILL")
        except ShimError as error:
            _LOG.warning("a command could not be killed: %s", error)
        else:
            await self.end(wrapped)

    async def _start(self, command: Command) -> Process:
        try:
            async with asyncio.timeout(self._start_timeout_s):
                return await self.handle.start(command)
        except TimeoutError as error:
            raise ShimError("TIMED_OUT", "the sandbox did not start the command in time") from error


async def _read(process: Process, stream: StreamName) -> bytes:
    async with aclosing(process.output(stream, 0)) as output:
        return b"".join([chunk async for chunk in output])
