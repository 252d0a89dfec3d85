"""How fast sandboxes may be made."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class TokenBucket:
    """Lets `burst` callers through at once and then `per_second`, in the order they came."""

    def __init__(
        self,
        *,
        per_second: float,
        burst: int,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled_at = now()
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Waits for a token and takes it."""
        async with self._turn:
            self._fill()
            if self._tokens < 1:
                await self._sleep((1 - self._tokens) / self._per_second)
                self._fill()
            self._tokens -= 1

    def _fill(self) -> None:
        now = self._now()
        grown = self._tokens + (now - self._filled_at) * self._per_second
        self._tokens = min(float(self._burst), grown)
        self._filled_at = now


def backoff_s(attempt: int, *, first_s: float = 0.25, most_s: float = 15.0) -> float:
    """How long to wait before trying again after `attempt` failures, the first being 0."""
    return min(most_s, first_s * 2 ** min(attempt, 20))
