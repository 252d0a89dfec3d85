"""Every fault of the control channel, as the real SDK sees it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import asyncio

import modal
import pytest
from modal.exception import (
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ResourceExhaustedError,
    ServiceError,
)

from .support import Account, on_account, run


def name(version_of: modal.Sandbox, rpc: str) -> str:
    """The name of a call in the version of a sandbox."""
    return rpc if len(version_of.object_id) == 25 else f"{rpc}V2"


async def refuse_creates(account: Account, **fields: object) -> None:
    """Plans the same refusal for both versions of create."""
    for rpc in ("SandboxCreate", "SandboxCreateV2"):
        await account.fake.ask("fault", rpc=rpc, kind="refuse", **fields)


@on_account
async def test_create_refused(account: Account) -> None:
    await refuse_creates(account, status="PERMISSION_DENIED")
    with pytest.raises(PermissionDeniedError):
        await account.create()
    assert (await run(await account.create(), "true"))[0] == 0


@on_account
async def test_quota_is_told_at_once_and_a_rate_limit_is_waited_for(account: Account) -> None:
    await refuse_creates(account, status="RESOURCE_EXHAUSTED")
    with pytest.raises(ResourceExhaustedError):
        await account.create()
    await account.fake.ask("clearFaults")
    await refuse_creates(account, status="RESOURCE_EXHAUSTED", retryAfterS=0.05, times=2)
    await account.create()
    assert len(await account.fake.running()) == 1


@on_account
async def test_a_create_whose_answer_is_lost_makes_one_sandbox(account: Account) -> None:
    await refuse_creates(account, status="UNAVAILABLE", when="after")
    await account.create()
    assert len(await account.fake.running()) == 1


@on_account
async def test_an_outage_surfaces_after_the_sdks_retries(account: Account) -> None:
    await refuse_creates(account, status="UNAVAILABLE", times=4)
    with pytest.raises(ServiceError):
        await account.create()


@on_account
async def test_a_slow_start_is_waited_for(account: Account) -> None:
    await account.fake.ask("limits", startDelayS=0.3)
    sandbox = await account.create()
    assert (await run(sandbox, "echo up"))[1] == b"up\n"


@on_account
async def test_a_sandbox_that_dies_before_it_starts(account: Account) -> None:
    await account.fake.ask("limits", startDelayS=30)
    sandbox = await account.create()
    await account.fake.ask("endSandbox", sandboxId=sandbox.object_id, status="INIT_FAILURE")
    with pytest.raises((ConflictError, NotFoundError)):
        await run(sandbox, "true")


@on_account
async def test_a_cut_stream_is_resumed_without_loss(account: Account) -> None:
    sandbox = await account.create()
    await account.fake.ask("fault", rpc="TaskExecStdioRead", kind="cut", afterBytes=200_000, times=3)
    _, stdout, _ = await run(sandbox, "seq 1 200000")
    assert stdout == b"".join(b"%d\n" % n for n in range(1, 200_001))


@on_account
async def test_a_cut_upload_is_resumed_without_loss(account: Account) -> None:
    sandbox = await account.create()
    await account.fake.ask("fault", rpc="TaskExecStdinWriteStream", kind="cut", afterBytes=300_000, times=2)
    data = bytes(range(256)) * 8000
    await sandbox.filesystem.write_bytes.aio(data, "/workspace/data")
    assert await sandbox.filesystem.read_bytes.aio("/workspace/data") == data


@on_account
async def test_lost_execs_are_not_found(account: Account) -> None:
    sandbox = await account.create()
    process = await sandbox.exec.aio("sleep", "100", timeout=100)
    await account.fake.ask("loseExecs", sandboxId=sandbox.object_id)
    with pytest.raises(NotFoundError):
        await process.wait.aio()
    assert (await run(sandbox, "true"))[0] == 0


@on_account
async def test_a_sandbox_that_vanished(account: Account) -> None:
    sandbox = await account.create()
    await run(sandbox, "true")
    await account.fake.ask("endSandbox", sandboxId=sandbox.object_id, status="INTERNAL_FAILURE", forget=True)
    with pytest.raises(NotFoundError):
        await run(sandbox, "true")
    with pytest.raises(NotFoundError):
        await sandbox.poll.aio()


@on_account
async def test_an_eviction_looks_like_a_normal_end(account: Account) -> None:
    sandbox = await account.create()
    await account.fake.ask("endSandbox", sandboxId=sandbox.object_id, status="MEMORY_MANAGER_EVICTION")
    assert await sandbox.poll.aio() == 0


@on_account
async def test_expired_router_tokens_are_renewed(account: Account) -> None:
    sandbox = await account.create()
    await run(sandbox, "true")
    await account.fake.ask("expireTokens")
    assert (await run(sandbox, "echo again"))[1] == b"again\n"


@on_account
async def test_a_call_that_hangs_waits_for_ever_and_a_slow_one_comes(account: Account) -> None:
    sandbox = await account.create()
    await account.fake.ask("fault", rpc=name(sandbox, "SandboxWait"), kind="hang")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(sandbox.poll.aio(), 0.3)
    await account.fake.ask("fault", rpc=name(sandbox, "SandboxWait"), kind="delay", seconds=0.1)
    assert await sandbox.poll.aio() is None


@on_account
async def test_calls_of_others_are_told_apart(account: Account) -> None:
    hit, spared = await account.create(), await account.create()
    await account.fake.ask(
        "fault",
        rpc=name(hit, "SandboxWait"),
        kind="refuse",
        status="NOT_FOUND",
        sandboxId=hit.object_id,
    )
    assert await spared.poll.aio() is None
    with pytest.raises(NotFoundError):
        await hit.poll.aio()
