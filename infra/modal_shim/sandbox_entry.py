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
# Beyond that, how long the cloud gets to say that the time is over.
SHORT_OVERTIME_S = 30
# Of what such a command says. Whoever is root inside decides what the programs are that it runs.
SHORT_OUTPUT_BYTES = 64 * 1024
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

    async def run_script(
        self, argv: Sequence[str], *, most_bytes: int = SHORT_OUTPUT_BYTES
    ) -> tuple[int | None, bytes, bytes]:
        """Runs a short command of the shim's own and gives its code and the beginning of its streams.

        Raises:
            ShimError: TIMED_OUT when it does not end.
        """
        process = await self.start(Command(argv, SHORT_TIMEOUT_S))
        try:
            async with asyncio.timeout(SHORT_TIMEOUT_S + SHORT_OVERTIME_S):
                stdout, stderr = await asyncio.gather(
                    _read(process, "stdout", most_bytes), _read(process, "stderr", SHORT_OUTPUT_BYTES)
                )
                return await process.wait(), stdout, stderr
        except TimeoutError as error:
            raise ShimError("TIMED_OUT", "a short command inside does not end") from error

    async def signal(self, record: str, signal_name: str) -> bool:
        """Sends a signal to a recorded process group; false when there is none any more."""
        code, _, _ = await self.run_script(signal_group(record, signal_name))
        return code == 0

    async def kill(self, wrapped: Wrapped) -> bool:
        """Kills a command with all that carries its label."""
        code, _, _ = await self.run_script(end_all(wrapped))
        return code == 0

    async def end(self, wrapped: Wrapped) -> None:
        """Kills what a command has left, as far as the sandbox can be reached."""
        try:
            await self.kill(wrapped)
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


async def _read(process: Process, stream: StreamName, most_bytes: int) -> bytes:
    data = bytearray()
    async with aclosing(process.output(stream, 0)) as output:
        async for chunk in output:
            data += chunk[: most_bytes - len(data)]
            if len(data) == most_bytes:
                break
    return bytes(data)
