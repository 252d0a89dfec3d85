"""A stream is silent only where the cloud was asked and says nothing."""

import asyncio
from collections.abc import AsyncGenerator

from modal_shim.credit import CreditWindow
from modal_shim.errors import ShimError
from modal_shim.provider import StreamName
from modal_shim.pump import Pump


class Stream:
    """A command whose only output comes as the test says: bytes, a failure, or nothing for its end."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[bytes | ShimError | None] = asyncio.Queue()

    async def output(self, stream: StreamName, from_byte: int) -> AsyncGenerator[bytes]:
        """Gives what is new."""
        assert (stream, from_byte >= 0) == ("stdout", True)
        while (part := await self.coming.get()) is not None:
            if isinstance(part, ShimError):
                raise part
            yield part

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Takes none."""

    async def wait(self) -> int | None:
        """Runs on."""
        return None


def test_who_is_slow_to_take_output_does_not_make_it_silent() -> None:
    asyncio.run(_take_slowly())


async def _take_slowly() -> None:
    stream, taken = Stream(), asyncio.Semaphore(0)
    sent: list[tuple[int, bytes]] = []

    async def send(offset: int, data: bytes) -> None:
        await taken.acquire()
        sent.append((offset, data))

    pump = Pump(stream, "stdout", CreditWindow(100), send)
    running = asyncio.create_task(pump.run())
    await _settle()
    first = pump.quiet_since
    assert first is not None

    await stream.coming.put(b"one")
    await _settle()
    assert (pump.quiet_since, sent) == (None, [])

    taken.release()
    await _settle()
    again = pump.quiet_since
    assert again is not None
    assert again >= first

    await stream.coming.put(ShimError("UNAVAILABLE", "cut"))
    await _settle()
    assert pump.quiet_since is None

    taken.release()
    await stream.coming.put(b"two")
    await stream.coming.put(None)
    await running
    assert sent == [(0, b"one"), (3, b"two")]


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
