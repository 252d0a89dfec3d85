"""Creation, lookup, tags and the end of sandboxes, by the real SDK."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import asyncio

import modal
import pytest
from modal.exception import (
    AlreadyExistsError,
    AuthError,
    NotFoundError,
    ResourceExhaustedError,
    SandboxTimeoutError,
)

from .support import Account, on_account, run


@on_account
async def test_a_definition_arrives_whole(account: Account) -> None:
    volume = modal.Volume.from_name("cache", create_if_missing=True)
    sandbox = await account.create(
        cpu=(0.5, 2),
        memory=(256, 1024),
        idle_timeout=40,
        env={"COLOUR": "blue"},
        tags={"run": "r1"},
        volumes={"/cache": volume},
        outbound_domain_allowlist=["example.org"],
        region="eu",
        name="worker-1",
    )
    entry = await account.definition(sandbox)
    wanted = entry["definition"]
    assert entry["tags"] == {"run": "r1"}
    assert entry["envNames"] == ["COLOUR"]
    assert wanted["resources"]["milli_cpu"] == 500
    assert wanted["resources"]["milli_cpu_max"] == 2000
    assert wanted["resources"]["memory_mb"] == 256
    assert wanted["resources"]["memory_mb_max"] == 1024
    assert (wanted["timeout_secs"], wanted["idle_timeout_secs"]) == (60, 40)
    assert wanted["network_access"] == {
        "network_access_type": "ALLOWLIST",
        "allowed_domains": ["example.org"],
    }
    assert wanted["volume_mounts"][0]["mount_path"] == "/cache"
    assert wanted["scheduler_placement"]["regions"] == ["eu"]
    assert wanted["name"] == "worker-1"


@on_account
async def test_environment_and_secrets_reach_commands(account: Account) -> None:
    await account.fake.ask("secret", name="registry", env={"REGISTRY_TOKEN": "t0"})
    secret = modal.Secret.from_name("registry")
    sandbox = await account.create(env={"COLOUR": "blue"}, secrets=[secret])
    code, stdout, _ = await run(sandbox, "echo $COLOUR $REGISTRY_TOKEN $MORE", env={"MORE": "more"})
    assert (code, stdout) == (0, b"blue t0 more\n")


@on_account
async def test_a_blocked_network_has_no_way_out(account: Account) -> None:
    sandbox = await account.create(block_network=True)
    _, stdout, _ = await run(sandbox, "cat /proc/net/route | wc -l")
    assert stdout.strip() == b"1"


@on_account
async def test_sandboxes_share_no_files_and_no_processes(account: Account) -> None:
    one, two = await account.create(), await account.create()
    await run(one, "echo mine > /workspace/file")
    assert (await run(two, "cat /workspace/file"))[0] != 0
    _, stdout, _ = await run(two, "ls /proc | grep -c '^[0-9]'")
    assert int(stdout) < 10


@on_account
async def test_volumes_keep_files_between_sandboxes(account: Account) -> None:
    volume = modal.Volume.from_name("cache", create_if_missing=True)
    one = await account.create(volumes={"/cache": volume})
    await run(one, "echo kept > /cache/file")
    two = await account.create(volumes={"/cache": volume.with_mount_options(read_only=True)})
    assert (await run(two, "cat /cache/file"))[1] == b"kept\n"
    assert (await run(two, "echo no > /cache/file"))[0] != 0


@on_account
async def test_list_finds_by_tags_and_pages(account: Account) -> None:
    made = [await account.create(tags={"run": "r1", "n": str(n)}) for n in range(3)]
    await account.create(tags={"run": "r2"})
    listed = modal.Sandbox.list.aio(app_id=account.app.app_id, tags={"run": "r1"}, client=account.client)
    found = [sandbox.object_id async for sandbox in listed]
    assert found == [sandbox.object_id for sandbox in reversed(made)]


@on_account
async def test_tags_are_replaced_and_a_new_handle_works(account: Account) -> None:
    sandbox = await account.create(tags={"state": "held"})
    await sandbox.set_tags.aio({"state": "detached"})
    again = await modal.Sandbox.from_id.aio(sandbox.object_id, client=account.client)
    assert await again.get_tags.aio() == {"state": "detached"}
    await run(sandbox, "echo 1 > /workspace/file")
    assert (await run(again, "cat /workspace/file"))[1] == b"1\n"
    named = await account.create(name="n1")
    by_name = await modal.Sandbox.from_name.aio("test", "n1", client=account.client)
    assert by_name.object_id == named.object_id
    with pytest.raises(AlreadyExistsError):
        await account.create(name="n1")


@on_account
async def test_terminated_is_137_and_nothing_stays(account: Account) -> None:
    sandbox = await account.create()
    process = await sandbox.exec.aio("sleep", "100", timeout=100)
    assert await sandbox.poll.aio() is None
    assert await sandbox.terminate.aio(wait=True) == 137
    assert await sandbox.terminate.aio() is None
    assert await sandbox.poll.aio() == 137
    with pytest.raises(NotFoundError):
        await process.wait.aio()
    assert await account.fake.running() == []


@on_account
async def test_its_timeout_is_124(account: Account) -> None:
    sandbox = await account.create(timeout=1)
    with pytest.raises(SandboxTimeoutError):
        await sandbox.wait.aio()
    assert sandbox.returncode == 124


@on_account
async def test_an_idle_sandbox_ends_and_a_busy_one_does_not(account: Account) -> None:
    idle, busy = await account.create(idle_timeout=1), await account.create(idle_timeout=1)
    await busy.exec.aio("sleep", "100", timeout=100)
    await idle.wait.aio()
    assert (await account.definition(idle))["status"] == "IDLE_TIMEOUT"
    assert await busy.poll.aio() is None


@on_account
async def test_the_code_of_the_entrypoint_is_the_sandboxes(account: Account) -> None:
    sandbox = await account.create("sh", "-c", "echo out; echo err >&2; exit 7")
    await sandbox.wait.aio()
    assert sandbox.returncode == 7
    assert await sandbox.stdout.read.aio() == "out\n"


@on_account
async def test_the_entrypoint_reads_its_stdin(account: Account) -> None:
    sandbox = await account.create("cat")
    sandbox.stdin.write(b"hello\n")
    sandbox.stdin.write_eof()
    await sandbox.stdin.drain.aio()
    await sandbox.wait.aio()
    assert await sandbox.stdout.read.aio() == "hello\n"


@on_account
async def test_refusals_of_the_account(account: Account) -> None:
    await account.fake.ask("limits", maxSandboxes=1)
    await account.create()
    with pytest.raises(ResourceExhaustedError):
        await account.create()
    with pytest.raises(NotFoundError):
        await modal.Sandbox.from_id.aio("sb-" + "0" * 22, client=account.client)
    with pytest.raises(NotFoundError):
        await account.create(secrets=[modal.Secret.from_name("missing")])
    stranger = await modal.Client.from_credentials.aio("ak-other", "as-other")
    with pytest.raises(AuthError):
        await modal.App.lookup.aio("test", client=stranger)


@on_account
async def test_images_are_known_by_recipe_id_and_tag(account: Account) -> None:
    same = await modal.Image.debian_slim().build.aio(account.app)
    other = await modal.Image.debian_slim().apt_install("git").build.aio(account.app)
    assert same.object_id == account.image.object_id != other.object_id
    by_id = modal.Image.from_id(other.object_id, client=account.client)
    created = await asyncio.gather(
        modal.Sandbox.create.aio("true", app=account.app, image=by_id, client=account.client),
        modal.Sandbox.create.aio("true", app=account.app, image=other, client=account.client),
    )
    images = [(await account.definition(sandbox))["definition"]["image_id"] for sandbox in created]
    assert images == [other.object_id, other.object_id]
