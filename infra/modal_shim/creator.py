"""Makes sandboxes at a bounded rate, and leaves none behind that nobody asked for any more."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from .errors import ShimError
from .pacing import TokenBucket, backoff_s
from .provider import Cloud, Sandbox, SandboxSpec

# Names the create that made a sandbox, so that one whose answer was lost can be found.
CREATE_TAG = "modal-shim-create"
# What may have made a sandbox although it failed.
_UNCLEAR = frozenset({"UNAVAILABLE", "TIMED_OUT", "INTERNAL"})
_LOG = logging.getLogger("modal-shim")


@dataclass(frozen=True)
class CreateLimits:
    """How fast, how many at a time, and how long a refusal for now is met with another try."""

    per_second: float = 5.0
    burst: int = 20
    concurrent: int = 16
    retry_s: float = 60.0
    # A create that stays silent for so long is given up, and undone when it comes after all.
    silence_s: float = 180.0


class Creator:
    """Makes them.

    Contract: `record` is called with every sandbox that comes, before anything else happens to it, and
    `discard` with those that nobody waits for any more.
    """

    def __init__(
        self,
        cloud: Cloud,
        limits: CreateLimits,
        record: Callable[[Sandbox, SandboxSpec], Awaitable[None]],
        discard: Callable[[Sandbox], Awaitable[None]],
    ) -> None:
        self._cloud = cloud
        self._limits = limits
        self._record = record
        self._discard = discard
        self._bucket = TokenBucket(per_second=limits.per_second, burst=limits.burst)
        self._places = asyncio.Semaphore(limits.concurrent)
        self._leftovers: set[asyncio.Task[None]] = set()

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Makes one. Cancelled, it returns when a sandbox that was under way has been ended."""
        give_up_at = time.monotonic() + self._limits.retry_s
        attempt = 0
        while True:
            await self._bucket.take()
            try:
                async with self._places:
                    return await self._attempt(spec)
            except ShimError as error:
                pause = backoff_s(attempt)
                if error.code != "RATE_LIMITED" or time.monotonic() + pause > give_up_at:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    async def settle(self) -> None:
        """Waits until every create that was given up has been undone."""
        while self._leftovers:
            await asyncio.wait(set(self._leftovers))

    async def _attempt(self, spec: SandboxSpec) -> Sandbox:
        key = secrets.token_hex(16)
        marked = replace(spec, tags={**spec.tags, CREATE_TAG: key})
        # Never cancelled: a create that is cancelled on its way may make a sandbox that nobody knows of.
        under_way = asyncio.create_task(self._create(marked, key))
        try:
            # Not `wait_for`, which forgets that it was cancelled when an answer comes at the same time.
            async with asyncio.timeout(self._limits.silence_s):
                return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            await asyncio.shield(self._undo(under_way))
            raise
        except TimeoutError as error:
            self._undo(under_way)
            raise ShimError("TIMED_OUT", "the sandbox was not made in time") from error

    async def _create(self, spec: SandboxSpec, key: str) -> Sandbox:
        try:
            made = await self._cloud.create(spec)
        except ShimError as error:
            if error.code in _UNCLEAR:
                await self._sweep(key)
            raise
        await self._record(made, spec)
        return made

    async def _sweep(self, key: str) -> None:
        """Ends what a failed create made all the same."""
        try:
            for left in await self._cloud.list({CREATE_TAG: key}):
                await left.terminate()
        except ShimError as error:
            _LOG.warning("a failed create could not be looked into, its tag is %s: %s", key, error)

    def _undo(self, under_way: asyncio.Task[Sandbox]) -> asyncio.Task[None]:
        undoing = asyncio.create_task(self._discard_when_made(under_way))
        self._leftovers.add(undoing)
        undoing.add_done_callback(self._leftovers.discard)
        return undoing

    async def _discard_when_made(self, under_way: asyncio.Task[Sandbox]) -> None:
        try:
            await self._discard(await under_way)
        except ShimError as error:
            _LOG.warning("a create that was given up ended with: %s", error)
