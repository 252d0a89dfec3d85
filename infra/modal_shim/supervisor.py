"""Notices sandboxes that ended by themselves: one list an interval, instead of a wait for each."""

import asyncio
import logging
from collections.abc import Mapping

from .errors import ShimError
from .fleet import Fleet
from .provider import Cloud

TIMED_OUT = 124
TERMINATED = 137
_LOG = logging.getLogger("modal-shim")


class Supervisor:
    """Compares what the cloud lists with what the shim holds."""

    def __init__(self, cloud: Cloud, fleet: Fleet, tags: Mapping[str, str], calls: asyncio.Semaphore) -> None:
        self._cloud = cloud
        self._fleet = fleet
        self._tags = tags
        self._calls = calls

    async def run(self, interval_s: float) -> None:
        """Looks again and again, until cancelled."""
        while True:
            await asyncio.sleep(interval_s)
            if not self._fleet.entries:
                continue
            try:
                await self.look()
            except ShimError as error:
                _LOG.warning("sandboxes could not be listed: %s", error)

    async def look(self) -> None:
        """Tells of every sandbox that has ended."""
        held = list(self._fleet.entries)
        listed = {sandbox.id for sandbox in await self._cloud.list(self._tags)}
        await asyncio.gather(*(self.check(sandbox_id) for sandbox_id in held if sandbox_id not in listed))

    async def check(self, sandbox_id: str) -> None:
        """Asks for one sandbox, and tells when it has ended."""
        entry = self._fleet.entries.get(sandbox_id)
        if entry is None:
            return
        async with self._calls:
            try:
                code = await entry.handle.poll()
            except ShimError as error:
                if error.code != "NOT_FOUND":
                    _LOG.warning("%s could not be polled: %s", sandbox_id, error)
                    return
                await self._tell(sandbox_id, {"reason": "not_found"})
                return
        if code is not None:
            reason = {TIMED_OUT: "timed_out", TERMINATED: "terminated"}.get(code, "exited")
            await self._tell(sandbox_id, {"reason": reason, "exitCode": code})

    async def _tell(self, sandbox_id: str, end: Mapping[str, object]) -> None:
        entry = self._fleet.entries.get(sandbox_id)
        if entry is None or entry.ending:
            return
        await self._fleet.release(sandbox_id, ShimError("SANDBOX_ENDED", f"{sandbox_id} has ended"))
        await self._fleet.notify("sandbox.ended", {"sandboxId": sandbox_id, **end})
