"""What goes wrong between the shim and Modal, and what the caller is told."""

import asyncio
from typing import Any

import pytest

from fake_modal.testing import FakeModal, fake_modal

from .client import RefusedError, Shim, open_shim
from .world import creates, on_shim

SUCCESS = {"reason": "exited", "exitCode": 0}


async def refuse_creates(fake: FakeModal, **fields: Any) -> None:
    """Plans the same refusal for both versions of create."""
    for version in ("v1", "v2"):
        await fake.ask("fault", rpc=creates(version), kind="refuse", **fields)


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_cut_streams_resume_without_loss(shim: Shim) -> None:
    sandbox_id = await shim.create()
    # More cuts than the SDK itself bears in the life of a stream.
    await shim.fake.ask("fault", rpc="TaskExecStdioRead", kind="cut", afterBytes=60_000, times=25)
    end, stdout, _ = await shim.run(sandbox_id, "seq 1 300000")
    assert end == SUCCESS
    assert stdout == b"".join(b"%d\n" % number for number in range(1, 300_001))


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_a_create_whose_answer_is_lost_for_good_leaves_nothing(shim: Shim) -> None:
    await refuse_creates(shim.fake, status="UNAVAILABLE", when="after", times=4)
    with pytest.raises(RefusedError) as caught:
        await shim.create()
    assert (caught.value.code, caught.value.retryable) == ("UNAVAILABLE", True)
    assert [entry["status"] for entry in await shim.fake.ask("sandboxes")] == ["TERMINATED"]


@on_shim
async def test_a_quota_is_waited_for(shim: Shim) -> None:
    await refuse_creates(shim.fake, status="RESOURCE_EXHAUSTED", times=3)
    await shim.create()
    assert len(await shim.fake.running()) == 1


@on_shim
async def test_refusals_have_a_class(shim: Shim) -> None:
    await refuse_creates(shim.fake, status="PERMISSION_DENIED")
    with pytest.raises(RefusedError) as caught:
        await shim.create()
    assert (caught.value.code, caught.value.retryable) == ("PERMISSION_DENIED", False)
    for method in ("sandbox.attach", "sandbox.poll"):
        with pytest.raises(RefusedError) as caught:
            await shim.call(method, sandboxId="sb-" + "0" * 22)
        assert caught.value.code == "SANDBOX_NOT_FOUND"
    with pytest.raises(RefusedError) as caught:
        await shim.create(secrets=["missing"])
    assert caught.value.code == "NOT_FOUND"
    sandbox_id = await shim.create()
    with pytest.raises(RefusedError) as caught:
        await shim.call("sandbox.renew", sandboxId=sandbox_id)
    assert caught.value.code == "NOT_SUPPORTED"


@on_shim
async def test_a_lost_command_is_told_and_the_sandbox_goes_on(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sleep", "100")
    await shim.fake.ask("loseExecs", sandboxId=sandbox_id)
    end, _, _ = await shim.finished(exec_id)
    assert (end["reason"], end["error"]["data"]["class"]) == ("lost", "gone")
    assert (await shim.run(sandbox_id, "true"))[0] == SUCCESS


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_a_sandbox_that_ended_takes_its_commands_along(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sleep", "100")
    await shim.fake.ask("endSandbox", sandboxId=sandbox_id, status="TIMEOUT")
    assert (await shim.finished(exec_id))[0]["reason"] == "lost"
    ended = await shim.until("sandbox.ended", sandboxId=sandbox_id)
    assert (ended["reason"], ended["exitCode"]) == ("timed_out", 124)
    with pytest.raises(RefusedError) as caught:
        await shim.start(sandbox_id, "true")
    assert caught.value.code == "SANDBOX_NOT_FOUND"
    await shim.call("sandbox.terminate", sandboxId=sandbox_id)


@on_shim
async def test_what_is_lost_by_ending_its_sandbox_says_so(shim: Shim) -> None:
    ids = await asyncio.gather(*(shim.create() for _ in range(8)))
    for number, sandbox_id in enumerate(ids):
        exec_id = await shim.start(sandbox_id, "sleep", f"0.{number}")
        await shim.call("sandbox.terminate", sandboxId=sandbox_id)
        end, _, _ = await shim.finished(exec_id)
        assert end == SUCCESS or end["error"]["data"]["code"] == "SANDBOX_ENDED"
    await shim.call("sandbox.list", tags={})
    assert not [method for method, _ in shim.notices if method == "sandbox.ended"]


def test_a_sandbox_that_vanished_is_noticed_without_asking(backend: str) -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim() as shim:
            await shim.configure(fake, backend=backend, superviseMs=50, tags={"owner": "me"})
            gone, stays = await shim.create(), await shim.create()
            await fake.ask("endSandbox", sandboxId=gone, status="INTERNAL_FAILURE", forget=True)
            ended = await shim.until("sandbox.ended")
            assert ended == {"sandboxId": gone, "reason": "not_found"}
            assert (await shim.run(stays, "true"))[0] == SUCCESS

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_sandbox_that_never_starts_has_a_time_limit(backend: str) -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim() as shim:
            await shim.configure(fake, backend=backend, limits={"startTimeoutMs": 700})
            await fake.ask("limits", startDelayS=60)
            sandbox_id = await shim.create()
            with pytest.raises(RefusedError) as caught:
                await shim.start(sandbox_id, "true")
            assert (caught.value.code, caught.value.retryable) == ("TIMED_OUT", True)
            await shim.call("sandbox.terminate", sandboxId=sandbox_id)
            assert await fake.running() == []

    asyncio.run(asyncio.wait_for(main(), 60))


@on_shim
async def test_first_commands_share_one_connection(shim: Shim) -> None:
    await shim.fake.ask("limits", startDelayS=0.2)
    sandbox_id = await shim.create()
    results = await asyncio.gather(*(shim.run(sandbox_id, f"echo {number}") for number in range(8)))
    assert [stdout for _, stdout, _ in results] == [b"%d\n" % number for number in range(8)]
    calls = await shim.fake.ask("calls")
    assert calls.get("TaskGetCommandRouterAccess", 0) <= 1


@on_shim
async def test_expired_tokens_are_no_matter(shim: Shim) -> None:
    sandbox_id = await shim.create()
    await shim.run(sandbox_id, "true")
    await shim.fake.ask("expireTokens")
    assert await shim.run(sandbox_id, "echo on") == (SUCCESS, b"on\n", b"")
