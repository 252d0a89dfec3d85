"""Copies a stream of a command into notifications, within its credit, over broken connections."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from .credit import CreditWindow
from .errors import ShimError
from .outbox import CHUNK_BYTES
from .pacing import backoff_s
from .provider import Process, StreamName

# Failures in a row, without a byte between them, after which a stream is given up.
MAX_FAILURES = 6
Send = Callable[[int, bytes], Awaitable[None]]


class Pump:
    """One stream. `offset` counts the bytes that were sent.

    `quiet_since` is the monotonic time since which the cloud was listened to and said nothing; none while
    what it said is passed on, however slowly, and while there is no connection to it.
    """

    def __init__(self, process: Process, stream: StreamName, window: CreditWindow, send: Send) -> None:
        self._process = process
        self._stream: StreamName = stream
        self._window = window
        self._send = send
        self.offset = 0
        self.quiet_since: float | None = None

    async def run(self) -> None:
        """Copies until the stream ends.

        Raises:
            ShimError: the stream cannot be read any more.
        """
        failures = 0
        while True:
            before = self.offset
            try:
                async with aclosing(self._process.output(self._stream, self.offset)) as output:
                    self.quiet_since = time.monotonic()
                    async for chunk in output:
                        self.quiet_since = None
                        await self._forward(chunk)
                        self.quiet_since = time.monotonic()
            except ShimError as error:
                self.quiet_since = None
                failures = 0 if self.offset > before else failures + 1
                if not error.retryable or failures > MAX_FAILURES:
                    raise
                await asyncio.sleep(backoff_s(failures))
            else:
                return

    async def _forward(self, chunk: bytes) -> None:
        while chunk:
            granted = await self._window.take(min(len(chunk), CHUNK_BYTES))
            part, chunk = chunk[:granted], chunk[granted:]
            await self._send(self.offset, part)
            self.offset += len(part)
