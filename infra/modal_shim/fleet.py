"""All that is alive in the shim: the sandboxes it holds, and what runs in them."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from .credit import CreditWindow
from .errors import ShimError
from .exec_session import ExecSession, Started
from .follow_session import FollowSession
from .outbox import Notify
from .provider import Sandbox
from .sandbox_entry import SandboxEntry

# Ends of commands that can still be asked for.
ENDS_KEPT = 10_000
_LOG = logging.getLogger("modal-shim")


class Fleet:
    """Holds handles and sessions by id. Every session ends with its sandbox."""

    def __init__(
        self, notify: Notify, start_timeout_s: float, on_lost: Callable[[str], Coroutine[Any, Any, None]]
    ) -> None:
        self.notify = notify
        self._on_lost = on_lost
        self._start_timeout_s = start_timeout_s
        self.entries: dict[str, SandboxEntry] = {}
        self.execs: dict[str, ExecSession] = {}
        self.follows: dict[str, FollowSession] = {}
        self._windows: dict[str, CreditWindow] = {}
        self._ends: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[None]] = set()

    def hold(self, handle: Sandbox) -> SandboxEntry:
        """Takes a sandbox in."""
        entry = SandboxEntry(handle, self._start_timeout_s)
        return self.entries.setdefault(handle.id, entry)

    def entry(self, sandbox_id: str) -> SandboxEntry:
        """A sandbox that is held.

        Raises:
            ShimError: SANDBOX_NOT_FOUND, also for one that exists and was not attached.
        """
        if sandbox_id not in self.entries:
            raise ShimError("SANDBOX_NOT_FOUND", f"{sandbox_id} is not attached")
        return self.entries[sandbox_id]

    async def release(self, sandbox_id: str, error: ShimError) -> SandboxEntry | None:
        """Lets a sandbox go and ends what runs in it with `error`."""
        entry = self.entries.pop(sandbox_id, None)
        for exec_id in [key for key, run in self.execs.items() if run.started.entry.handle.id == sandbox_id]:
            # Others end while one of them is told.
            session = self.execs.get(exec_id)
            if session is None:
                continue
            await self._stop(exec_id)
            await session.lose(error)
            self._forget_exec(exec_id)
        for follow_id in [key for key, run in self.follows.items() if run.entry is entry]:
            await self._stop(follow_id)
            end = {"followId": follow_id, "reason": "lost", "error": error.to_json()}
            await self.notify("file.end", end)
            self._forget_follow(follow_id)
        return entry

    def start_exec(self, started: Started, credit_bytes: int) -> None:
        """Follows a command from now on."""
        window = self._windows[started.id] = CreditWindow(credit_bytes)
        session = self.execs[started.id] = ExecSession(started, window, self.notify)

        async def run() -> None:
            await session.run()
            self._forget_exec(started.id)
            reason = session.ended.result()["reason"]
            if reason == "lost":
                self.spawn(self._on_lost(started.entry.handle.id))

        self._run(started.id, run())

    def start_follow(self, session: FollowSession, credit_bytes: int) -> None:
        """Follows a file from now on."""
        window = self._windows[session.id] = CreditWindow(credit_bytes)
        self.follows[session.id] = session

        async def run() -> None:
            await session.run(window, self.notify)
            self._forget_follow(session.id)

        self._run(session.id, run())

    def exec(self, exec_id: str) -> ExecSession:
        """A command that runs.

        Raises:
            ShimError: STREAM_NOT_FOUND, also for one that has ended.
        """
        if exec_id not in self.execs:
            raise ShimError("STREAM_NOT_FOUND", f"no command {exec_id} runs")
        return self.execs[exec_id]

    async def wait_exec(self, exec_id: str) -> Mapping[str, Any]:
        """The end of a command, also when it has ended long ago."""
        if exec_id in self._ends:
            return self._ends[exec_id]
        return await asyncio.shield(self.exec(exec_id).ended)

    def give_credit(self, stream_id: str, credit_bytes: int) -> None:
        """Adds credit; for a stream that has just ended it is too late, and no mistake."""
        if stream_id in self._windows:
            self._windows[stream_id].give(credit_bytes)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something that nobody waits for, until the fleet closes."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        task.add_done_callback(_log_failure)

    async def close(self) -> None:
        """Stops following everything; commands and sandboxes go on."""
        tasks = [*self._tasks.values(), *self._background]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for entry in self.entries.values():
            await entry.handle.detach()

    def _run(self, stream_id: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks[stream_id] = asyncio.create_task(work)
        task.add_done_callback(_log_failure)

    async def _stop(self, stream_id: str) -> None:
        task = self._tasks.get(stream_id)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.wait([task])

    def _forget_exec(self, exec_id: str) -> None:
        session = self.execs.pop(exec_id, None)
        if session is not None and session.ended.done():
            self._ends[exec_id] = session.ended.result()
            while len(self._ends) > ENDS_KEPT:
                self._ends.popitem(last=False)
        self._forget_stream(exec_id)

    def _forget_follow(self, follow_id: str) -> None:
        self.follows.pop(follow_id, None)
        self._forget_stream(follow_id)

    def _forget_stream(self, stream_id: str) -> None:
        self._windows.pop(stream_id, None)
        self._tasks.pop(stream_id, None)


def _log_failure(task: asyncio.Task[None]) -> None:
    """What nobody awaits fails aloud all the same."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _LOG.error("a task of the shim failed", exc_info=error)
