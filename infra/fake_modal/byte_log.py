"""Output that is kept for a while and can be read again."""

import asyncio
from collections.abc import AsyncIterator

CHUNK_BYTES = 64 * 1024
MAX_UNREAD_BYTES = 32 * 1024 * 1024
"""So far a command may be ahead of its readers; it waits then, as at a full pipe."""

MAX_READ_BYTES = 32 * 1024 * 1024
"""So much of what was read is kept for who comes back after a cut."""


class ByteLog:
    """Bytes that only grow until closed; any number of readers follow them from any offset that is kept."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._start = 0
        """Offset of the first byte that is kept."""
        self._read = 0
        """Offset up to which somebody has read."""
        self._closed = False
        self._changed = asyncio.Event()

    @property
    def _end(self) -> int:
        return self._start + len(self._data)

    def append(self, data: bytes) -> None:
        """Adds `data`; a closed log takes no more."""
        if not self._closed:
            self._data += data
            self._notify()

    async def wait_for_room(self) -> None:
        """Returns when readers are near enough for more, or it is closed."""
        while not self._closed and self._end - self._read > MAX_UNREAD_BYTES:
            await self._changed.wait()

    def close(self) -> None:
        """Readers end after what is there."""
        self._closed = True
        self._notify()

    async def read_from(self, offset: int) -> AsyncIterator[bytes]:
        """Yields non-empty chunks of at most 64 KiB from `offset` on, until the log is closed and read.

        Raises:
            LookupError: what is at `offset` is not kept any more.
        """
        while True:
            changed = self._changed
            while offset < self._end:
                if offset < self._start:
                    raise LookupError(f"output before {self._start} is not kept any more")
                at = offset - self._start
                chunk = bytes(self._data[at : at + CHUNK_BYTES])
                yield chunk
                offset += len(chunk)
                self._take_note(offset)
            if self._closed:
                return
            if changed is self._changed:
                await changed.wait()

    def _take_note(self, read: int) -> None:
        if read <= self._read:
            return
        self._read = read
        surplus = read - self._start - MAX_READ_BYTES
        if surplus >= CHUNK_BYTES:
            del self._data[:surplus]
            self._start += surplus
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
