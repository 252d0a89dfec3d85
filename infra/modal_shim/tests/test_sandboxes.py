"""Sandboxes: what is asked for, handles, tags."""

import asyncio
from typing import Any

import pytest

from fake_modal.testing import fake_modal

from .client import RefusedError, Shim, open_shim
from .world import on_shim


async def entry(shim: Shim, sandbox_id: str) -> dict[str, Any]:
    """What the server knows of a sandbox."""
    return {each["id"]: each for each in await shim.fake.ask("sandboxes")}[sandbox_id]


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_everything_asked_for_arrives(shim: Shim) -> None:
    await shim.fake.ask("secret", name="registry", env={"REGISTRY_TOKEN": "t0"})
    sandbox_id = await shim.create(
        timeoutMs=90_500,
        idleTimeoutMs=30_000,
        cpu={"request": 0.5, "limit": 2},
        memoryMb={"request": 512},
        workdir="/repo/inner",
        env={"COLOUR": "blue"},
        secrets=["registry"],
        volumes=[{"name": "cache", "path": "/cache"}, {"name": "pnpm", "path": "/pnpm", "readOnly": True}],
        network={"kind": "allow", "domains": ["example.org"], "cidrs": ["10.0.0.0/8"]},
        region="eu",
        name="worker-1",
    )
    wanted = (await entry(shim, sandbox_id))["definition"]
    assert (wanted["timeout_secs"], wanted["idle_timeout_secs"]) == (91, 30)
    resources = wanted["resources"]
    assert (resources["milli_cpu"], resources["milli_cpu_max"]) == (500, 2000)
    assert (resources["memory_mb"], resources["memory_mb_max"]) == (512, 512)
    assert wanted["network_access"] == {
        "network_access_type": "ALLOWLIST",
        "allowed_domains": ["example.org"],
        "allowed_cidrs": ["10.0.0.0/8"],
    }
    mounts = {mount["mount_path"]: mount.get("read_only", False) for mount in wanted["volume_mounts"]}
    assert mounts == {"/cache": False, "/pnpm": True}
    assert (wanted["workdir"], wanted["name"]) == ("/repo/inner", "worker-1")
    # Of the sandbox's own program; commands see what they are given.
    seen = "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -E '^(COLOUR|REGISTRY_TOKEN)=' | sort -u"
    _, stdout, _ = await shim.run(sandbox_id, f"{seen}; pwd; touch /cache/x")
    assert stdout == b"COLOUR=blue\nREGISTRY_TOKEN=t0\n/repo/inner\n"


@on_shim
async def test_a_network_has_to_be_named(shim: Shim) -> None:
    sandbox_id = await shim.create(network={"kind": "none"})
    access = (await entry(shim, sandbox_id))["definition"]["network_access"]
    assert access == {"network_access_type": "BLOCKED"}
    with pytest.raises(RefusedError) as caught:
        await shim.call("sandbox.create", timeoutMs=1000, tags={})
    assert caught.value.code == "INVALID_PARAMS"


@on_shim
async def test_images_are_found_once(shim: Shim) -> None:
    images = [{"registry": "debian:12"}, {"registry": "debian:12"}, {"registry": "node:24"}]
    ids = [await shim.create(image=image) for image in images]
    used = [(await entry(shim, each))["definition"]["image_id"] for each in ids]
    assert used[0] == used[1] != used[2]
    by_id = await shim.create(image={"id": used[0]})
    assert (await entry(shim, by_id))["definition"]["image_id"] == used[0]
    assert (await shim.fake.ask("calls"))["ImageGetOrCreate"] == 2
    with pytest.raises(RefusedError) as caught:
        await shim.create(image={"name": "never-published"})
    assert caught.value.code == "NOT_FOUND"


@on_shim
async def test_handles_are_given_up_and_taken_up(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sleep", "100")
    await shim.call("sandbox.setTags", sandboxId=sandbox_id, tags={"state": "detached"})
    await shim.call("sandbox.detach", sandboxId=sandbox_id)
    end, _, _ = await shim.finished(exec_id)
    assert (end["reason"], end["error"]["data"]["code"]) == ("lost", "STREAM_NOT_FOUND")
    with pytest.raises(RefusedError) as caught:
        await shim.start(sandbox_id, "true")
    assert caught.value.code == "SANDBOX_NOT_FOUND"
    listed = await shim.call("sandbox.list", tags={"state": "detached"})
    assert listed == {"sandboxes": [{"sandboxId": sandbox_id, "tags": {"state": "detached"}}]}
    attached = await shim.call("sandbox.attach", sandboxId=sandbox_id)
    assert attached == {"sandboxId": sandbox_id, "running": True}
    assert (await entry(shim, sandbox_id))["runningExecs"] == 1
    assert (await shim.run(sandbox_id, "echo again"))[1] == b"again\n"


@on_shim
async def test_the_end_can_be_asked_for_by_anyone_and_twice(shim: Shim) -> None:
    sandbox_id = await shim.create()
    await shim.call("sandbox.detach", sandboxId=sandbox_id)
    for _ in range(2):
        assert await shim.call("sandbox.terminate", sandboxId=sandbox_id) == {}
    attached = await shim.call("sandbox.attach", sandboxId=sandbox_id)
    assert attached == {"sandboxId": sandbox_id, "running": False, "exitCode": 137}
    assert await shim.fake.running() == []


def test_creates_keep_to_the_pace() -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim() as shim:
            await shim.configure(fake, limits={"createsPerSecond": 0.001, "createBurst": 2})
            sent = [
                shim.send("sandbox.create", {"timeoutMs": 60_000, "network": {"kind": "open"}, "tags": {}})
                for _ in range(3)
            ]
            await asyncio.gather(*map(shim.answer, sent[:2]))
            assert not shim.answers[sent[2]].done()
            shim.tell("$/cancel", id=sent[2])
            with pytest.raises(RefusedError):
                await shim.answer(sent[2])
            assert len(await fake.ask("sandboxes")) == 2

    asyncio.run(asyncio.wait_for(main(), 60))
