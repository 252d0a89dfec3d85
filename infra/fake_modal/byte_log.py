"""Output that is kept and can be read again from any offset."""

import asyncio
from collections.abc import AsyncIterator

CHUNK_BYTES = 64 * 1024


class ByteLog:
    """Bytes that only grow until closed; any number of readers follow them from any offset."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._closed = False
        self._changed = asyncio.Event()

    def append(self, data: bytes) -> None:
        """Adds `data`; a closed log takes no more."""
        if not self._closed:
            self._data += data
            self._notify()

    def close(self) -> None:
        """Readers end after what is there."""
        self._closed = True
        self._notify()

    async def read_from(self, offset: int) -> AsyncIterator[bytes]:
        """Yields non-empty chunks of at most 64 KiB from `offset` on, until the log is closed and read."""
        while True:
            changed = self._changed
            while offset < len(self._data):
                chunk = bytes(self._data[offset : offset + CHUNK_BYTES])
                offset += len(chunk)
                yield chunk
            if self._closed:
                return
            await changed.wait()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
