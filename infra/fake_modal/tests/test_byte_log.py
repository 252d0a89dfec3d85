"""Output between a command and who reads it, or does not."""

import asyncio
from collections.abc import Coroutine

import pytest

from fake_modal.byte_log import MAX_READ_BYTES, MAX_UNREAD_BYTES, ByteLog

PIECE = bytes(1024 * 1024)


def play(test: Coroutine[object, object, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


async def fill(log: ByteLog, pieces: int) -> None:
    for _ in range(pieces):
        log.append(PIECE)
        await log.wait_for_room()


def test_nobody_gets_far_ahead_of_who_reads() -> None:
    async def main() -> None:
        log = ByteLog()
        pieces = 3 * MAX_UNREAD_BYTES // len(PIECE)
        filling = asyncio.create_task(fill(log, pieces))
        await asyncio.sleep(0)
        assert not filling.done()
        read = 0
        async for chunk in log.read_from(0):
            read += len(chunk)
            if filling.done():
                log.close()
        assert read == pieces * len(PIECE)

    play(main())


def test_what_was_just_read_is_read_again_and_what_is_long_read_is_gone() -> None:
    async def main() -> None:
        log = ByteLog()
        total = MAX_READ_BYTES + MAX_UNREAD_BYTES
        for _ in range(total // len(PIECE)):
            log.append(PIECE)
        log.close()
        assert sum([len(chunk) async for chunk in log.read_from(0)]) == total
        again = [len(chunk) async for chunk in log.read_from(total - MAX_READ_BYTES)]
        assert sum(again) == MAX_READ_BYTES
        with pytest.raises(LookupError):
            await anext(log.read_from(0))

    play(main())


def test_a_closed_log_lets_nobody_wait() -> None:
    async def main() -> None:
        log = ByteLog()
        filling = asyncio.create_task(fill(log, 2 + MAX_UNREAD_BYTES // len(PIECE)))
        await asyncio.sleep(0)
        assert not filling.done()
        log.close()
        await filling

    play(main())
