"""Following a file, over the ends of the commands that do it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from modal_shim import follow_session
from modal_shim.credit import CreditWindow
from modal_shim.follow_session import FollowSession
from modal_shim.provider import Command, Process, StreamName
from modal_shim.pump import MAX_FAILURES
from modal_shim.sandbox_entry import SandboxEntry

from .memory_cloud import MadeSandbox

# Of the idle limit that the cloud is told, what is beyond the caller's.
SLACK_S = 600


class Silent:
    """A command whose time is over at once."""

    async def output(self, stream: StreamName, from_byte: int) -> AsyncGenerator[bytes]:
        """Nothing."""
        for _ in range(from_byte):
            yield stream.encode()

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Takes nothing."""

    async def wait(self) -> int | None:
        """Its time was over."""
        return None


class Commands(MadeSandbox):
    """A sandbox that tells when many commands were started in it."""

    limits: list[int]
    many: asyncio.Event

    async def start(self, command: Command) -> Process:
        """Remembers its time limit."""
        self.limits.append(command.timeout_s)
        if len(self.limits) == 2 * MAX_FAILURES:
            self.many.set()
        return Silent()


def _at_once(attempt: int) -> float:
    return attempt * 0.0


def test_no_command_that_follows_outlives_its_shim_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert follow_session.FOLLOW_TIMEOUT_S <= SLACK_S
    monkeypatch.setattr(follow_session, "FOLLOW_TIMEOUT_S", 0)
    monkeypatch.setattr(follow_session, "backoff_s", _at_once)
    told: list[str] = []

    async def notify(method: str, params: object) -> None:
        told.append(f"{method} {params}")

    async def main() -> None:
        sandbox = Commands("sb-follow", {})
        sandbox.limits, sandbox.many = [], asyncio.Event()
        session = FollowSession(SandboxEntry(sandbox, 10), "/log", 0)
        following = asyncio.create_task(session.run(CreditWindow(1), notify))
        await asyncio.wait(
            [following, asyncio.create_task(sandbox.many.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        assert not following.done()
        session.unfollow()
        await following
        assert told == [f"file.end {{'followId': '{session.id}', 'reason': 'unfollowed'}}"]

    asyncio.run(asyncio.wait_for(main(), 10))
