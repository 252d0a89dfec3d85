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
    """One stream. `offset` counts the bytes that were sent; `last_byte_at` is monotonic time."""

    def __init__(self, process: Process, stream: StreamName, window: CreditWindow, send: Send) -> None:
        self._process = process
        self._stream: StreamName = stream
        self._window = window
        self._send = send
        self.offset = 0
        self.last_byte_at = time.monotonic()

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
                    async for chunk in output:
                        await self._forward(chunk)
            except ShimError as error:
                failures = 0 if self.offset > before else failures + 1
                if not error.retryable or failures > MAX_FAILURES:
                    raise
                await asyncio.sleep(backoff_s(failures))
            else:
                return

    async def _forward(self, chunk: bytes) -> None:
        while chunk:
            granted = await self._window.take(min(len(chunk), CHUNK_BYTES))
            self.last_byte_at = time.monotonic()
            part, chunk = chunk[:granted], chunk[granted:]
            await self._send(self.offset, part)
            self.offset += len(part)
