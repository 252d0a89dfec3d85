"""Greeting, configuration, cancellation and the end of the conversation."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from fake_modal.testing import fake_modal

from .client import RefusedError, Shim, open_shim
from .world import creates, on_shim


async def refused(shim: Shim, method: str, **params: Any) -> str:
    """The code with which a request is refused."""
    with pytest.raises(RefusedError) as caught:
        await shim.call(method, **params)
    return caught.value.code


def test_order_versions_and_mistakes() -> None:
    async def main() -> None:
        async with open_shim() as shim:
            assert await refused(shim, "sandbox.list", tags={}) == "INVALID_REQUEST"
            assert await refused(shim, "hello", schemaVersion=99) == "SCHEMA_MISMATCH"
            greeting = await shim.call("hello", schemaVersion=2)
            assert (greeting["schemaVersion"], greeting["modal"]) == (2, "1.5.4")
            assert greeting["pid"] == shim.process.pid
            assert await refused(shim, "sandbox.list", tags={}) == "NOT_CONFIGURED"
            assert await refused(shim, "sandbox.list") == "INVALID_PARAMS"
            assert await refused(shim, "nonsense") == "UNKNOWN_METHOD"
            assert await shim.call("shutdown", sandboxes="leave") == {"terminated": 0}
            assert await shim.process.wait() == 0

    asyncio.run(asyncio.wait_for(main(), 30))


def test_wrong_credentials_and_a_missing_server() -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim() as shim:
            with pytest.raises(RefusedError) as caught:
                await shim.configure(fake, credentials={"tokenId": "ak-x", "tokenSecret": "as-canary"})
            assert caught.value.code == "UNAUTHENTICATED"
            assert "canary" not in str(caught.value)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_no_credentials_at_all() -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim({"MODAL_SERVER_URL": fake.hello["serverUrl"]}) as shim:
            await shim.call("hello", schemaVersion=2)
            assert await refused(shim, "configure", app="a", backend="v1") == "UNAUTHENTICATED"

    asyncio.run(asyncio.wait_for(main(), 30))


def test_credentials_of_the_environment_and_none_in_sight() -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim({**fake.environment, "CANARY": "as-canary"}) as shim:
            await shim.call("hello", schemaVersion=2)
            await shim.call("configure", app="test", backend="v1")
            await shim.create()
            process = Path("/proc", str(shim.process.pid))
            assert fake.hello["tokenSecret"].encode() not in process.joinpath("cmdline").read_bytes()
            for place in ("tags", "definitions", "environments", "commands", "secrets"):
                assert place not in await fake.ask("find", text="as-canary")
            assert await shim.call("shutdown", sandboxes="terminate") == {"terminated": 1}

    asyncio.run(asyncio.wait_for(main(), 30))


def test_without_modal_the_answer_says_so(tmp_path: Path) -> None:
    # A finder before all others, which finds no `modal`: as if it were not installed.
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'modal' else find(name, *more)\n"
    )

    async def main() -> None:
        packages = os.pathsep.join([str(tmp_path), str(Path(__file__).parent.parent.parent)])
        async with open_shim({"PYTHONPATH": packages}) as shim:
            assert (await shim.call("hello", schemaVersion=2))["modal"] == ""
            assert await refused(shim, "configure", app="a", backend="v1") == "MODAL_MISSING"

    asyncio.run(asyncio.wait_for(main(), 30))


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_a_cancelled_create_leaks_nothing(shim: Shim) -> None:
    for version in ("v1", "v2"):
        await shim.fake.ask("fault", rpc=creates(version), kind="delay", seconds=0.5)
    params = {"timeoutMs": 60_000, "network": {"kind": "open"}, "tags": {"run": "r1"}}
    request_id = shim.send("sandbox.create", params)
    while not any("SandboxCreate" in name for name in await shim.fake.ask("calls")):
        continue
    shim.tell("$/cancel", id=request_id)
    with pytest.raises(RefusedError) as caught:
        await shim.answer(request_id)
    assert caught.value.code == "CANCELLED"
    [made] = await shim.fake.ask("sandboxes")
    assert made["status"] == "TERMINATED"
    assert (await shim.call("sandbox.list", tags={}))["sandboxes"] == []


@on_shim
async def test_a_cancelled_wait_leaves_the_command_alone(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sh", "-c", "read line; echo $line", stdin=True)
    request_id = shim.send("exec.wait", {"execId": exec_id})
    shim.tell("$/cancel", id=request_id)
    with pytest.raises(RefusedError):
        await shim.answer(request_id)
    await shim.call("exec.stdin", execId=exec_id, data="aGkK")
    assert await shim.finished(exec_id) == ({"reason": "exited", "exitCode": 0}, b"hi\n", b"")
    assert await shim.call("exec.wait", execId=exec_id) == {"reason": "exited", "exitCode": 0}
    assert len(await shim.fake.running()) == 1


@on_shim
async def test_a_machine_that_slept_goes_on(shim: Shim) -> None:
    sandbox_id = await shim.create()
    script = "until [ -e /repo/go ]; do sleep 0.01; done; seq 1 200000"
    exec_id = await shim.start(sandbox_id, "sh", "-c", script)
    writing = shim.send("file.write", {"sandboxId": sandbox_id, "path": "/repo/go", "data": ""})
    os.kill(shim.process.pid, signal.SIGSTOP)
    await shim.fake.ask("fault", rpc="TaskExecStdioRead", kind="cut", afterBytes=1000)
    os.kill(shim.process.pid, signal.SIGCONT)
    await shim.answer(writing)
    _, stdout, _ = await shim.finished(exec_id)
    assert stdout == b"".join(b"%d\n" % number for number in range(1, 200_001))


@pytest.mark.parametrize("policy", ["leave", "terminate"])
@pytest.mark.parametrize("end", ["stdin", "sigterm"])
def test_a_caller_that_goes_away(policy: str, end: str) -> None:
    async def main() -> None:
        async with fake_modal() as fake, open_shim() as shim:
            await shim.configure(fake, onDisconnect=policy)
            sandbox_id = await shim.create()
            await shim.start(sandbox_id, "sleep", "100")
            if end == "sigterm":
                shim.process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(shim.process.wait(), 20) == 0
            else:
                assert await shim.close_stdin() == 0
            assert len(await fake.running()) == (1 if policy == "leave" else 0)

    asyncio.run(asyncio.wait_for(main(), 60))


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_a_killed_shim_leaves_sandboxes_that_the_next_finds(shim: Shim) -> None:
    made = {await shim.create(tags={"run": "r1", "n": str(n)}) for n in range(3)}
    await shim.create(tags={"run": "r2"})
    first = sorted(made)[0]
    await shim.run(first, "echo before > /repo/log")
    shim.process.kill()
    await shim.process.wait()
    async with open_shim() as second:
        definition = (await shim.fake.ask("sandboxes"))[0]
        await second.configure(shim.fake, backend="v2" if definition["v2"] else "v1")
        found = (await second.call("sandbox.list", tags={"run": "r1"}))["sandboxes"]
        assert {entry["sandboxId"] for entry in found} == made
        assert {entry["tags"]["n"] for entry in found} == {"0", "1", "2"}
        state = await second.call("sandbox.attach", sandboxId=first)
        assert state == {"sandboxId": first, "running": True}
        assert await second.run(first, "cat /repo/log") == (
            {"reason": "exited", "exitCode": 0},
            b"before\n",
            b"",
        )
        assert await second.call("shutdown", sandboxes="terminate") == {"terminated": 1}
