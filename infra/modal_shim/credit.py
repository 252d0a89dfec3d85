"""How much of a stream may be sent before its reader asks for more."""

import asyncio


class CreditWindow:
    """Bytes that the reader is ready to take. One window serves all streams of a command."""

    def __init__(self, credit_bytes: int) -> None:
        self._available = credit_bytes
        self._grown = asyncio.Event()
        self.waiting = 0

    def give(self, credit_bytes: int) -> None:
        """Adds credit."""
        self._available += credit_bytes
        self._grown.set()

    async def take(self, wanted_bytes: int) -> int:
        """Takes credit for at least one byte and at most `wanted_bytes`, waiting until there is some."""
        self.waiting += 1
        try:
            while self._available == 0:
                self._grown.clear()
                await self._grown.wait()
        finally:
            self.waiting -= 1
        taken = min(wanted_bytes, self._available)
        self._available -= taken
        return taken
