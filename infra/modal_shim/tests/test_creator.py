"""Making sandboxes, against a cloud in memory that does as each test says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from modal_shim.creator import CREATE_TAG, CreateLimits, Creator
from modal_shim.errors import ShimError
from modal_shim.provider import ImageSource, Network, Sandbox, SandboxSpec

from .memory_cloud import MemoryCloud

SPEC = SandboxSpec(ImageSource("default"), ["sleep"], 60, Network("open"), {"run": "r1"})
LIMITS = CreateLimits(per_second=1000, burst=1000, concurrent=4, retry_s=0.0)


async def at_once() -> None:
    """Neither waits nor fails."""


def failing(code: str) -> Callable[[], Awaitable[None]]:
    """Fails with a code."""

    async def fail() -> None:
        raise ShimError(code, "as the test says")

    return fail


def creator(cloud: MemoryCloud, limits: CreateLimits = LIMITS) -> tuple[Creator, list[str]]:
    """A creator and the ids it recorded."""
    recorded: list[str] = []

    async def record(made: Sandbox, spec: SandboxSpec) -> None:
        assert CREATE_TAG in spec.tags
        recorded.append(made.id)

    async def discard(made: Sandbox) -> None:
        await made.terminate()

    return Creator(cloud, limits, record, discard), recorded


def test_every_sandbox_is_recorded_and_tagged_by_its_create() -> None:
    async def main() -> None:
        cloud = MemoryCloud(at_once, at_once)
        maker, recorded = creator(cloud)
        await asyncio.gather(*(maker.create(SPEC) for _ in range(20)))
        assert sorted(recorded) == sorted(sandbox.id for sandbox in cloud.made)
        assert len({sandbox.its_tags[CREATE_TAG] for sandbox in cloud.made}) == 20
        assert all(sandbox.its_tags["run"] == "r1" for sandbox in cloud.made)

    asyncio.run(main())


def test_no_more_than_so_many_at_a_time() -> None:
    async def main() -> None:
        gate = asyncio.Event()
        cloud = MemoryCloud(lambda: _pass(gate), at_once)
        maker, _ = creator(cloud)
        making = [asyncio.create_task(maker.create(SPEC)) for _ in range(10)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert cloud.asked == 4
        gate.set()
        await asyncio.gather(*making)
        assert len(cloud.made) == 10

    asyncio.run(main())


def test_a_create_that_is_cancelled_while_it_waits_makes_nothing() -> None:
    async def main() -> None:
        gate = asyncio.Event()
        cloud = MemoryCloud(lambda: _pass(gate), at_once)
        maker, _ = creator(cloud, replace(LIMITS, concurrent=1))
        first = asyncio.create_task(maker.create(SPEC))
        second = asyncio.create_task(maker.create(SPEC))
        for _ in range(50):
            await asyncio.sleep(0)
        second.cancel()
        gate.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await second
        assert (cloud.asked, len(cloud.made)) == (1, 1)

    asyncio.run(main())


def test_a_create_that_is_cancelled_under_way_is_recorded_and_ended() -> None:
    async def main() -> None:
        gate = asyncio.Event()
        cloud = MemoryCloud(lambda: _pass(gate), at_once)
        maker, recorded = creator(cloud)
        making = asyncio.create_task(maker.create(SPEC))
        for _ in range(50):
            await asyncio.sleep(0)
        assert cloud.asked == 1
        making.cancel()
        await asyncio.sleep(0)
        assert not making.done()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert recorded == ["sb-0"]
        assert cloud.made[0].ended

    asyncio.run(main())


def test_a_silent_create_is_given_up_and_undone_when_it_comes() -> None:
    async def main() -> None:
        gate = asyncio.Event()
        cloud = MemoryCloud(lambda: _pass(gate), at_once)
        maker, _ = creator(cloud, replace(LIMITS, silence_s=0.01))
        with pytest.raises(ShimError) as caught:
            await maker.create(SPEC)
        assert caught.value.code == "TIMED_OUT"
        gate.set()
        await maker.settle()
        assert [sandbox.ended for sandbox in cloud.made] == [True]

    asyncio.run(main())


@pytest.mark.parametrize("code", ["UNAVAILABLE", "TIMED_OUT", "INTERNAL"])
def test_what_an_unclear_failure_made_is_ended(code: str) -> None:
    async def main() -> None:
        cloud = MemoryCloud(at_once, failing(code))
        maker, recorded = creator(cloud)
        with pytest.raises(ShimError):
            await maker.create(SPEC)
        assert (recorded, [sandbox.ended for sandbox in cloud.made]) == ([], [True])

    asyncio.run(main())


def test_a_refusal_for_now_is_tried_again_and_any_other_is_not() -> None:
    async def main() -> None:
        for code, asked in (("RATE_LIMITED", 2), ("PERMISSION_DENIED", 1)):
            cloud = MemoryCloud(failing(code), at_once)
            maker, _ = creator(cloud, replace(LIMITS, retry_s=0.5))
            with pytest.raises(ShimError) as caught:
                await maker.create(SPEC)
            assert (caught.value.code, cloud.asked) == (code, asked)

    asyncio.run(main())


@pytest.mark.parametrize("turns", range(6))
def test_a_cancel_counts_although_a_refusal_comes_at_the_same_time(turns: int) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()

        def cancel_in(turns_left: int) -> None:
            if turns_left == 0:
                making.cancel()
            else:
                loop.call_soon(cancel_in, turns_left - 1)

        async def refuse() -> None:
            cancel_in(turns)
            raise ShimError("RATE_LIMITED", "not now")

        cloud = MemoryCloud(refuse, at_once)
        maker, _ = creator(cloud, replace(LIMITS, retry_s=60.0))
        making = asyncio.create_task(maker.create(SPEC))
        with pytest.raises(asyncio.CancelledError):
            await making
        assert cloud.asked == 1

    asyncio.run(main())


async def _pass(gate: asyncio.Event) -> None:
    await gate.wait()
