"""Speaks the protocol on two pipes: every request is a task of its own, answers come as they are ready."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from .errors import ShimError
from .protocol import (
    Incoming,
    Malformed,
    Notification,
    Request,
    RequestId,
    encode_error,
    encode_notification,
    encode_result,
    parse_line,
)
from .service import Service

# Of one message. Callers send less than a mebibyte of data at a time.
MAX_LINE_BYTES = 16 * 1024 * 1024
_LOG = logging.getLogger("modal-shim")


class Connection:
    """Contract: `service` is set before `serve`."""

    service: Service

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._running: dict[RequestId, asyncio.Task[None]] = {}
        self._shutdown: asyncio.Task[None] | None = None

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Sends a notification; waits while the pipe is full."""
        await self._write(encode_notification(method, params))

    async def serve(self) -> None:
        """Reads until the pipe closes or a shutdown was answered; then cancels what still runs."""
        ended = asyncio.create_task(self.service.ended.wait())
        try:
            while not self.service.ended.is_set():
                reading = asyncio.create_task(self._read_line())
                await asyncio.wait([reading, ended], return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    break
                line = reading.result()
                if not line:
                    break
                await self._take(parse_line(line))
        finally:
            ended.cancel()
            await self._finish()

    async def _read_line(self) -> bytes:
        try:
            return await self._reader.readline()
        except ValueError:
            error = ShimError("PARSE_ERROR", f"a line is longer than {MAX_LINE_BYTES} bytes")
            await self._write(encode_error(None, error))
            return b""

    async def _take(self, message: Incoming) -> None:
        match message:
            case Request():
                task = asyncio.create_task(self._answer(message))
                self._running[message.id] = task
                if message.method == "shutdown":
                    self._shutdown = task
            case Notification(method="$/cancel"):
                task = self._running.get(message.params.get("id", ""))
                if task is not None:
                    task.cancel()
            case Notification():
                await self.service.notice(message.method, message.params)
            case Malformed():
                await self._write(encode_error(message.id, message.error))

    async def _answer(self, request: Request) -> None:
        try:
            line = encode_result(request.id, await self.service.call(request.method, request.params))
        except asyncio.CancelledError:
            line = encode_error(request.id, ShimError("CANCELLED", f"{request.method} was cancelled"))
        except ShimError as error:
            line = encode_error(request.id, error)
        except Exception as error:  # noqa: BLE001 (every request is answered)
            _LOG.exception("%s failed", request.method)
            line = encode_error(
                request.id, ShimError("INTERNAL", f"{type(error).__name__} in {request.method}")
            )
        self._running.pop(request.id, None)
        await self._write(line)

    async def _finish(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            if task is not self._shutdown:
                task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _write(self, line: bytes) -> None:
        try:
            self._writer.write(line)
            await self._writer.drain()
        except ConnectionError:
            # The caller is gone: the end of stdin says so as well, and the shim ends by that.
            return
