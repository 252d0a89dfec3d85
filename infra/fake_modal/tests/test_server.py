"""The life of the server process itself."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import asyncio
import os
import signal
from pathlib import Path

import modal
import pytest
from modal_proto import api_pb2

from fake_modal.testing import RefusedError, fake_modal

from .support import account, run


def command_lines() -> list[str]:
    """The arguments of every process of this machine that can be read."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # It ended while we looked.
    return found


@pytest.mark.parametrize("end", ["stdin", "sigterm"])
def test_nothing_stays_behind(version: str, end: str) -> None:
    mark = f"{os.getpid()}{len(version)}{len(end)}07"

    async def main() -> None:
        async with account(version) as opened:
            sandbox = await opened.create()
            await run(sandbox, f"(setsid sleep {mark} >/dev/null 2>&1 &); true")
            assert any(mark in line for line in command_lines())
            if end == "sigterm":
                opened.fake.process.send_signal(signal.SIGTERM)
                await opened.fake.process.wait()

    asyncio.run(asyncio.wait_for(main(), 60))
    assert not any(f"sleep {mark}" in line for line in command_lines())


def test_mistakes_of_the_control_channel_are_answered() -> None:
    async def main() -> None:
        async with fake_modal() as fake:
            for fields in ({"op": "nonsense"}, {"op": "fault", "rpc": "X", "kind": "odd"}):
                with pytest.raises(RefusedError):
                    await fake.ask(**fields)
            assert await fake.ask("calls") == {}

    asyncio.run(asyncio.wait_for(main(), 30))


def test_each_server_has_a_token_of_its_own() -> None:
    async def main() -> None:
        async with account("v1", "--isolation", "none") as opened, fake_modal() as other:
            tokens = (other.hello["tokenId"], other.hello["tokenSecret"])
            client = modal.Client(opened.fake.hello["serverUrl"], api_pb2.CLIENT_TYPE_CLIENT, tokens)
            async with client:
                with pytest.raises(modal.exception.AuthError):
                    await modal.App.lookup.aio("test", client=client)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_without_namespaces_files_stay_below_the_root() -> None:
    async def main() -> None:
        async with account("v1", "--isolation", "none") as opened:
            assert opened.fake.hello["isolation"] == "none"
            sandbox = await opened.create()
            await sandbox.filesystem.write_text.aio("hello\n", "/workspace/file")
            assert (await run(sandbox, "cat file"))[1] == b"hello\n"

    asyncio.run(asyncio.wait_for(main(), 30))


def test_what_is_exposed_is_seen_read_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from the host")

    async def main() -> None:
        async with account("v1", "--expose", f"{tmp_path}:/agent") as opened:
            sandbox = await opened.create()
            assert (await run(sandbox, "cat /agent/file"))[1] == b"from the host"
            assert (await run(sandbox, "echo x > /agent/file"))[0] != 0

    asyncio.run(asyncio.wait_for(main(), 30))


def test_path_is_that_of_every_sandbox(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)

    async def main() -> None:
        async with account("v1", "--expose", str(tmp_path), "--path", f"{tmp_path}:/usr/bin:/bin") as opened:
            sandbox = await opened.create()
            assert (await run(sandbox, "tool"))[1] == b"found\n"

    asyncio.run(asyncio.wait_for(main(), 30))
