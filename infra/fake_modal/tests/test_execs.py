"""Commands and files, by the real SDK."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import asyncio
from typing import Any

import modal
import pytest
from modal.exception import (
    SandboxFilesystemDirectoryNotEmptyError,
    SandboxFilesystemIsADirectoryError,
    SandboxFilesystemNotFoundError,
    SandboxFilesystemPathAlreadyExistsError,
)

from .support import Account, on_account, run


@on_account
async def test_streams_code_folder_and_input(account: Account) -> None:
    sandbox = await account.create()
    process = await sandbox.exec.aio("sh", "-c", "cat; pwd; echo err >&2; exit 3", text=False, timeout=30)
    process.stdin.write(b"one\n")
    await process.stdin.drain.aio()
    process.stdin.write(b"two\n")
    process.stdin.write_eof()
    await process.stdin.drain.aio()
    assert await process.stdout.read.aio() == b"one\ntwo\n/workspace\n"
    assert await process.stderr.read.aio() == b"err\n"
    assert await process.wait.aio() == 3
    assert (await run(sandbox, "pwd", workdir="/usr"))[1] == b"/usr\n"


@on_account
async def test_output_comes_while_the_command_runs(account: Account) -> None:
    sandbox = await account.create()
    process = await sandbox.exec.aio("sh", "-c", "echo first; read line; echo $line", text=False, timeout=30)
    output = process.stdout.__aiter__()
    assert await output.__anext__() == b"first\n"
    assert await process.poll.aio() is None
    process.stdin.write(b"second\n")
    await process.stdin.drain.aio()
    assert await output.__anext__() == b"second\n"
    assert await process.wait.aio() == 0


@on_account
async def test_signals_and_a_missing_program(account: Account) -> None:
    sandbox = await account.create()
    assert (await run(sandbox, "kill -9 $$"))[0] == 137
    process = await sandbox.exec.aio("no-such-program", timeout=30)
    assert await process.wait.aio() == 127


@on_account
async def test_a_timeout_is_minus_one_or_137(account: Account) -> None:
    sandbox = await account.create()
    process = await sandbox.exec.aio("sleep", "100", timeout=1)
    assert await process.wait.aio() in (-1, 137)
    again = await sandbox.exec.aio("true", timeout=30)
    assert await again.wait.aio() == 0


@on_account
async def test_a_second_command_can_kill_the_first(account: Account) -> None:
    sandbox = await account.create()
    process = await sandbox.exec.aio("sh", "-c", "echo $$ > /workspace/pid; exec sleep 100", timeout=100)
    script = "until [ -s /workspace/pid ]; do sleep 0.01; done; kill -TERM $(cat /workspace/pid)"
    assert (await run(sandbox, script))[0] == 0
    assert await process.wait.aio() == 143


@on_account
async def test_every_byte_and_much_of_it(account: Account) -> None:
    sandbox = await account.create()
    data = bytes(range(256)) * 40_000
    await sandbox.filesystem.write_bytes.aio(data, "/workspace/sub/data")
    assert await sandbox.filesystem.read_bytes.aio("/workspace/sub/data") == data
    assert (await run(sandbox, "cat sub/data"))[1] == data


@on_account
async def test_files(account: Account) -> None:
    sandbox = await account.create()
    files = sandbox.filesystem
    await files.write_text.aio("hello", "/workspace/a/b.txt")
    [entry] = await files.list_files.aio("/workspace/a")
    assert (entry.name, entry.size, entry.permissions) == ("b.txt", 5, "0644")
    assert (await files.stat.aio("/workspace/a")).type.value == "directory"
    await files.make_directory.aio("/workspace/c/d")
    failures: list[tuple[Any, type[Exception]]] = [
        (files.read_bytes.aio("/workspace/none"), SandboxFilesystemNotFoundError),
        (files.read_bytes.aio("/workspace/a"), SandboxFilesystemIsADirectoryError),
        (files.remove.aio("/workspace/a"), SandboxFilesystemDirectoryNotEmptyError),
        (
            files.make_directory.aio("/workspace/a/b.txt", create_parents=False),
            SandboxFilesystemPathAlreadyExistsError,
        ),
    ]
    for attempt, expected in failures:
        with pytest.raises(expected):
            await attempt
    await files.remove.aio("/workspace/a", recursive=True)
    assert [item.name for item in await files.list_files.aio("/workspace")] == ["c"]


@on_account
async def test_a_hundred_sandboxes_at_once(account: Account) -> None:
    sandboxes = await asyncio.gather(*(account.create() for _ in range(100)))
    results = await asyncio.gather(*(run(sandbox, f"echo {n}") for n, sandbox in enumerate(sandboxes)))
    assert [int(stdout) for _, stdout, _ in results] == list(range(100))
    await asyncio.gather(*(sandbox.terminate.aio() for sandbox in sandboxes))
    assert await account.fake.running() == []


def test_the_sdk_is_the_one_we_say() -> None:
    assert modal.__version__ == "1.5.4"
