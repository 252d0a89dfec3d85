"""The shim's own commands, in sandboxes that are hostile to them."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from modal_shim import sandbox_entry
from modal_shim.errors import ShimError
from modal_shim.provider import Command, Process, StreamName
from modal_shim.sandbox_entry import SandboxEntry

from .memory_cloud import MadeSandbox

CHUNK = b"x" * 65_536


class Flood:
    """A process that writes as long as somebody reads, and ends or not."""

    def __init__(self, *, ends: bool) -> None:
        self.written = 0
        self._ends = ends

    async def output(self, stream: StreamName, from_byte: int) -> AsyncGenerator[bytes]:
        """The same again and again."""
        assert from_byte == 0
        while stream == "stdout":
            await asyncio.sleep(0)
            self.written += len(CHUNK)
            yield CHUNK

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Takes nothing."""

    async def wait(self) -> int | None:
        """Zero, or never."""
        return 0 if self._ends else await asyncio.get_running_loop().create_future()


class Hostile(MadeSandbox):
    """A sandbox in which every program is one of its own."""

    process: Flood

    async def start(self, command: Command) -> Process:
        """Whatever was asked for."""
        assert command.argv
        return self.process


def _entry(process: Flood) -> SandboxEntry:
    sandbox = Hostile("sb-hostile", {})
    sandbox.process = process
    return SandboxEntry(sandbox, 10)


def test_a_flood_of_output_is_not_kept() -> None:
    flood = Flood(ends=True)
    running = _entry(flood).run_script(["true"], most_bytes=100_000)
    code, stdout, stderr = asyncio.run(asyncio.wait_for(running, 10))
    assert (code, len(stdout), stderr) == (0, 100_000, b"")
    assert flood.written == 2 * len(CHUNK)


def test_what_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_entry, "SHORT_TIMEOUT_S", 0)
    monkeypatch.setattr(sandbox_entry, "SHORT_OVERTIME_S", 0.01)
    with pytest.raises(ShimError) as caught:
        asyncio.run(asyncio.wait_for(_entry(Flood(ends=False)).run_script(["true"]), 10))
    assert caught.value.code == "TIMED_OUT"
