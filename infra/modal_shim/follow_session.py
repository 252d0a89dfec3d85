"""Follows a file that grows, over lost commands and broken connections."""

import asyncio
import secrets
import time

from .credit import CreditWindow
from .errors import ShimError
from .outbox import Notify, to_base64
from .pacing import backoff_s
from .provider import Command
from .pump import MAX_FAILURES, Pump, Send
from .sandbox_entry import SHORT_TIMEOUT_S, SandboxEntry
from .shell import Launch, follow_file, rest_of_file

# A command that runs keeps its sandbox from being idle, and so billed, also when its shim was killed. The
# next one follows on from where this one ended.
FOLLOW_TIMEOUT_S = 600


class FollowSession:
    """Sends the bytes of a file and then, as the last message about it, why there are no more."""

    def __init__(self, entry: SandboxEntry, path: str, from_byte: int) -> None:
        self.id = secrets.token_hex(12)
        self.entry = entry
        self._path = path
        self._offset = from_byte
        self._stop = asyncio.Event()

    def unfollow(self) -> None:
        """Lets it send what is there already, and end."""
        self._stop.set()

    async def run(self, window: CreditWindow, notify: Notify) -> None:
        """Follows until it is told to stop or the sandbox is gone."""
        end: dict[str, object] = {"followId": self.id, "reason": "unfollowed"}
        try:
            await self._follow(window, notify)
        except ShimError as error:
            why = await self.entry.why_lost(error)
            end = {"followId": self.id, "reason": "lost", "error": why.to_json()}
        await notify("file.end", end)

    async def _follow(self, window: CreditWindow, notify: Notify) -> None:
        failures = 0
        while not self._stop.is_set():
            before, started_at = self._offset, time.monotonic()
            try:
                await self._follow_once(window, notify)
            except ShimError as error:
                over = time.monotonic() - started_at >= FOLLOW_TIMEOUT_S
                failures = 0 if over or self._offset > before else failures + 1
                gone = await self.entry.handle.poll() is not None
                if gone or failures > MAX_FAILURES or not (error.retryable or error.code == "NOT_FOUND"):
                    raise
                await asyncio.sleep(backoff_s(failures))
        await self._send_rest(window, notify)

    async def _follow_once(self, window: CreditWindow, notify: Notify) -> None:
        launch = Launch(follow_file(self._path, self._offset))
        _, wrapped, process = await self.entry.run_group(launch, timeout_s=FOLLOW_TIMEOUT_S)
        pump = Pump(process, "stdout", window, self._sender(notify))
        tasks = [asyncio.create_task(pump.run()), asyncio.create_task(self._stop.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not self._stop.is_set():
                tasks[0].result()
                # Of a command whose time was over, the cloud may end no more than its shell.
                await self.entry.end(wrapped)
                raise ShimError("UNAVAILABLE", "the command that follows the file ended")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self.entry.signal(wrapped.record, "KILL")

    async def _send_rest(self, window: CreditWindow, notify: Notify) -> None:
        command = Command(rest_of_file(self._path, self._offset), SHORT_TIMEOUT_S)
        process = await self.entry.start(command)
        await Pump(process, "stdout", window, self._sender(notify)).run()

    def _sender(self, notify: Notify) -> Send:
        async def send(_: int, data: bytes) -> None:
            message = {"followId": self.id, "offset": self._offset, "data": to_base64(data)}
            self._offset += len(data)
            await notify("file.data", message)

        return send
