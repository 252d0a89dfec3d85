"""One command: its output, its input, its end."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from .credit import CreditWindow
from .errors import ShimError
from .outbox import Notify, to_base64
from .provider import Process, StreamName
from .pump import Pump
from .sandbox_entry import SandboxEntry
from .shell import NOT_STARTED, Wrapped

# After the end of a command, how long its streams may be silent before they are closed: what it left
# running in the background may hold them open for ever. The SDK is as silent while it connects again.
SILENCE_S = 10.0
# Beyond its time limit, how long the cloud gets to say that the time is over.
OVERTIME_S = 30.0
SIGNAL_BASE = 128
LAST_SIGNAL = 64
KILLED = SIGNAL_BASE + 9


@dataclass(frozen=True)
class Started:
    """A command that was sent to a sandbox, and what is needed to understand its end."""

    id: str
    entry: SandboxEntry
    process: Process
    wrapped: Wrapped
    timeout_s: int
    sent_at: float


class ExecSession:
    """Sends the output of a command and then, as the last message about it, its end."""

    def __init__(self, started: Started, window: CreditWindow, notify: Notify) -> None:
        self.started = started
        self.window = window
        self.ended: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._notify = notify
        self._stdin_turn = asyncio.Lock()
        self._held = b""
        self._may_be_mark = True
        self._marked = False
        self._out = Pump(started.process, "stdout", window, self._send_stdout)
        self._err = Pump(started.process, "stderr", window, self._send_stderr)

    async def run(self) -> None:
        """Follows the command to its end. Cancelled, it only stops following."""
        pumps = [asyncio.create_task(pump.run()) for pump in (self._out, self._err)]
        try:
            end = await self._follow(pumps)
        finally:
            for task in pumps:
                task.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        # Whoever stops this now must not come between the end and the word about it.
        await asyncio.shield(self._finish(end))

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Sends input in the order of the calls."""
        async with self._stdin_turn:
            await self.started.process.write_stdin(data, eof=eof)

    async def lose(self, error: ShimError) -> None:
        """Ends the session because its sandbox is gone. Contract: `run` was cancelled."""
        await self._finish({"reason": "lost", "error": error.to_json()})

    async def _follow(self, pumps: list[asyncio.Task[None]]) -> Mapping[str, Any]:
        try:
            code = await self._wait(pumps)
            late = time.monotonic() - self.started.sent_at >= self.started.timeout_s
            # Then the shell that would have done it may have been killed itself.
            if code is None or code > SIGNAL_BASE:
                await self.started.entry.end(self.started.wrapped)
            await self._drain(pumps)
        except ShimError as error:
            return {"reason": "lost", "error": (await self.started.entry.why_lost(error)).to_json()}
        return self._explain(code, late=late)

    async def _wait(self, pumps: list[asyncio.Task[None]]) -> int | None:
        """The exit code; a stream that fails before is an end as well."""
        limit_s = self.started.timeout_s + OVERTIME_S
        waiting = asyncio.create_task(self._wait_for_code(limit_s))
        following: set[asyncio.Future[Any]] = {waiting, *pumps}
        try:
            while not waiting.done():
                done, following = await asyncio.wait(following, return_when=asyncio.FIRST_COMPLETED)
                for task in done - {waiting}:
                    task.result()
            return waiting.result()
        except TimeoutError:
            return None
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _wait_for_code(self, limit_s: float) -> int | None:
        async with asyncio.timeout(limit_s):
            return await self.started.process.wait()

    async def _drain(self, pumps: list[asyncio.Task[None]]) -> None:
        ended_at = time.monotonic()
        reading = dict(zip(pumps, (self._out, self._err), strict=True))
        while True:
            done, pending = await asyncio.wait(pumps, timeout=SILENCE_S / 16)
            for task in done:
                task.result()
            since = [reading[task].quiet_since for task in pending]
            newest = max([ended_at, *(at for at in since if at is not None)])
            silent = None not in since and time.monotonic() - newest > SILENCE_S
            if not pending or silent:
                return

    def _explain(self, code: int | None, *, late: bool) -> Mapping[str, Any]:
        if code is None or (code == KILLED and late):
            return {"reason": "timed_out"}
        if code in NOT_STARTED and self._marked:
            return {"reason": "not_started"}
        if SIGNAL_BASE < code <= SIGNAL_BASE + LAST_SIGNAL:
            return {"reason": "signalled", "signal": code - SIGNAL_BASE}
        return {"reason": "exited", "exitCode": code}

    async def _finish(self, end: Mapping[str, Any]) -> None:
        if self.ended.done():
            return
        self.ended.set_result(end)
        if self._held:
            await self._send("stderr", self._err.offset - len(self._held), self._held)
        await self._notify("exec.end", {"execId": self.started.id, "end": end})

    def _send_stdout(self, offset: int, data: bytes) -> Awaitable[None]:
        return self._send("stdout", offset, data)

    async def _send_stderr(self, offset: int, data: bytes) -> None:
        """Holds back what may be the mark of a command that was never started, and drops the mark."""
        mark = self.started.wrapped.mark
        if not self._may_be_mark:
            await self._send("stderr", offset - self._marked * len(mark), data)
            return
        held = self._held + data
        if len(held) < len(mark) and mark.startswith(held):
            self._held = held
            return
        self._may_be_mark, self._held = False, b""
        self._marked = held.startswith(mark)
        rest = held.removeprefix(mark)
        if rest:
            await self._send("stderr", 0, rest)

    async def _send(self, stream: StreamName, offset: int, data: bytes) -> None:
        message = {"execId": self.started.id, "stream": stream, "offset": offset, "data": to_base64(data)}
        await self._notify("exec.output", message)
