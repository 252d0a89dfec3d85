"""Carries out requests: checks them against the schema, finds the method, shapes failures."""

import asyncio
import importlib.util
import logging
import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib import metadata
from typing import Any

from .errors import ShimError
from .json_schema import load_schema, problems
from .outbox import Notify
from .provider import Account, Cloud, Credentials
from .session import Method, Params, Session
from .specs import account_of

OpenCloud = Callable[[Account], Awaitable[Cloud]]
DEFAULT_HEARTBEAT_MS = 5000
_LOG = logging.getLogger("modal-shim")


class Service:
    """The state of the conversation: greeted, configured, ended. `ended` is set after a shutdown."""

    def __init__(self, notify: Notify, open_cloud: OpenCloud, credentials: Credentials | None) -> None:
        self._notify = notify
        self._open_cloud = open_cloud
        self._credentials = credentials
        self._greeted = False
        self._session: Session | None = None
        self._heartbeat: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()

    async def call(self, method: str, params: Params) -> Mapping[str, Any]:
        """Carries out one request.

        Raises:
            ShimError: with the code that the caller gets.
        """
        known = load_schema()["methods"].get(method)
        if known is None:
            raise ShimError("UNKNOWN_METHOD", f"there is no method {method}")
        wrong = problems(params, known["params"])
        if wrong:
            raise ShimError("INVALID_PARAMS", f"{method}: {'; '.join(wrong)}")
        if self.ended.is_set():
            raise ShimError("SHUTTING_DOWN", "the shim is shutting down")
        return await self._method(method)(params)

    async def notice(self, method: str, params: Params) -> None:
        """Takes a notification. One that does not fit the schema is dropped, for want of an answer to it."""
        known = load_schema()["toShim"].get(method)
        if known is None or problems(params, known):
            _LOG.warning("a notification does not fit the schema: %s", method)
        elif method == "credit" and self._session is not None:
            self._session.fleet.give_credit(params["streamId"], params["bytes"])

    async def close(self, *, leave: bool | None = None) -> int:
        """Ends everything; the sandboxes too, unless they are to be left. No `leave`: as configured."""
        self.ended.set()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        session, self._session = self._session, None
        if session is None:
            return 0
        return await session.close(leave=session.leave if leave is None else leave)

    def _method(self, name: str) -> Method:
        if name == "hello":
            return self._hello
        if not self._greeted:
            raise ShimError("INVALID_REQUEST", "hello comes first")
        if name in ("configure", "shutdown"):
            return self._configure if name == "configure" else self._shutdown
        if self._session is None:
            raise ShimError("NOT_CONFIGURED", "configure comes before everything else")
        return self._session.methods()[name]

    async def _hello(self, params: Params) -> Mapping[str, Any]:
        version, wanted = load_schema()["version"], params["schemaVersion"]
        if wanted != version:
            raise ShimError(
                "SCHEMA_MISMATCH", f"this shim speaks version {version} of the messages, not {wanted}"
            )
        if self._heartbeat is None:
            interval_s = params.get("heartbeatMs", DEFAULT_HEARTBEAT_MS) / 1000
            self._heartbeat = asyncio.create_task(self._beat(interval_s))
        self._greeted = True
        return {
            "schemaVersion": version,
            "pid": os.getpid(),
            "python": platform.python_version(),
            "modal": _modal_version(),
        }

    async def _configure(self, params: Params) -> Mapping[str, Any]:
        if self._session is not None:
            raise ShimError("INVALID_REQUEST", "configure comes once")
        if not _modal_version():
            raise ShimError("MODAL_MISSING", "the Python package modal is not installed beside the shim")
        cloud = await self._open_cloud(account_of(params, self._credentials))
        self._credentials = None
        self._session = Session(cloud, params, self._notify)
        return {"appId": cloud.app_id}

    async def _shutdown(self, params: Params) -> Mapping[str, Any]:
        return {"terminated": await self.close(leave=params["sandboxes"] == "leave")}

    async def _beat(self, interval_s: float) -> None:
        sequence = 0
        while True:
            fleet = self._session.fleet if self._session else None
            await self._notify(
                "heartbeat",
                {
                    "sequence": sequence,
                    "sandboxes": len(fleet.entries) if fleet else 0,
                    "streams": len(fleet.execs) + len(fleet.follows) if fleet else 0,
                    "rssBytes": _resident_bytes(),
                    "cpuMs": int(time.process_time() * 1000),
                },
            )
            sequence += 1
            await asyncio.sleep(interval_s)


def _modal_version() -> str:
    return metadata.version("modal") if importlib.util.find_spec("modal") else ""


def _resident_bytes() -> int:
    """Memory in use; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
