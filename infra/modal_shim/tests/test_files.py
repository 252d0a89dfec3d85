"""Files, followed files and trees."""

import base64
import io
import os
import tarfile
from pathlib import Path

import pytest

from .client import CREDIT_BYTES, RefusedError, Shim
from .world import on_shim


async def refusal(shim: Shim, sandbox_id: str, path: str, most: int = 100) -> str:
    """The code with which reading a file is refused."""
    with pytest.raises(RefusedError) as caught:
        await shim.call("file.read", sandboxId=sandbox_id, path=path, maxBytes=most)
    return caught.value.code


@on_shim
async def test_files_are_written_and_read(shim: Shim) -> None:
    sandbox_id = await shim.create()
    data = os.urandom(300_000)
    await shim.call(
        "file.write", sandboxId=sandbox_id, path="/repo/a/b", data=base64.b64encode(data).decode()
    )
    read = await shim.call("file.read", sandboxId=sandbox_id, path="/repo/a/b", maxBytes=300_000)
    assert base64.b64decode(read["data"]) == data
    assert await refusal(shim, sandbox_id, "/repo/a/b", 299_999) == "FILE_TOO_LARGE"
    assert await refusal(shim, sandbox_id, "/repo/none") == "FILE_NOT_FOUND"
    assert await refusal(shim, sandbox_id, "/repo/a") == "FILE_NOT_REGULAR"


@on_shim
async def test_a_file_is_followed_from_before_it_exists(shim: Shim) -> None:
    sandbox_id = await shim.create()
    following = await shim.call(
        "file.follow", sandboxId=sandbox_id, path="/repo/log", fromByte=2, creditBytes=CREDIT_BYTES
    )
    follow_id = following["followId"]
    await shim.run(sandbox_id, "printf 0123 > log")
    await shim.until("file.data", followId=follow_id)
    await shim.run(sandbox_id, "printf 4567 >> log")
    await shim.call("file.unfollow", followId=follow_id)
    assert (await shim.until("file.end"))["reason"] == "unfollowed"
    assert bytes(shim.followed[follow_id]) == b"234567"


@on_shim
async def test_following_survives_cuts_and_lost_commands(shim: Shim) -> None:
    sandbox_id = await shim.create()
    await shim.fake.ask("fault", rpc="TaskExecStdioRead", kind="cut", afterBytes=1, times=30, skip=2)
    following = await shim.call(
        "file.follow", sandboxId=sandbox_id, path="/repo/log", fromByte=0, creditBytes=CREDIT_BYTES
    )
    follow_id = following["followId"]
    wanted = b""
    for number in range(8):
        line = b"line %d\n" % number
        wanted += line
        await shim.call(
            "file.write", sandboxId=sandbox_id, path="/repo/part", data=base64.b64encode(line).decode()
        )
        await shim.run(sandbox_id, "cat part >> log")
        if number == 4:
            await shim.fake.ask("loseExecs", sandboxId=sandbox_id)
        while bytes(shim.followed.get(follow_id, b"")) != wanted:
            await shim.until("file.data", followId=follow_id)
    await shim.call("file.unfollow", followId=follow_id)
    assert (await shim.until("file.end"))["reason"] == "unfollowed"
    assert bytes(shim.followed[follow_id]) == wanted


@on_shim
async def test_following_ends_with_the_sandbox(shim: Shim) -> None:
    sandbox_id = await shim.create()
    await shim.call("file.follow", sandboxId=sandbox_id, path="/repo/log", fromByte=0, creditBytes=1)
    await shim.run(sandbox_id, "true")
    await shim.call("sandbox.terminate", sandboxId=sandbox_id)
    end = await shim.until("file.end")
    assert (end["reason"], end["error"]["data"]["code"]) == ("lost", "SANDBOX_ENDED")


@on_shim
async def test_a_tree_goes_in_and_comes_out(shim: Shim, tmp_path: Path) -> None:
    sandbox_id = await shim.create()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "run").write_bytes(b"#!/bin/sh\n" + b"x" * 500_000)
    (tmp_path / "folder" / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("folder/run")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(tmp_path, arcname=".")
    started = await shim.call("tree.upload", sandboxId=sandbox_id, path="/repo/in", timeoutMs=30_000)
    data = packed.getvalue()
    for start in range(0, len(data), 100_000):
        part = base64.b64encode(data[start : start + 100_000]).decode()
        await shim.call("exec.stdin", execId=started["execId"], data=part)
    await shim.call("exec.stdin", execId=started["execId"], eof=True)
    assert (await shim.finished(started["execId"]))[0] == {"reason": "exited", "exitCode": 0}
    started = await shim.call(
        "tree.download", sandboxId=sandbox_id, path="/repo/in", timeoutMs=30_000, creditBytes=CREDIT_BYTES
    )
    _, stdout, _ = await shim.finished(started["execId"])
    with tarfile.open(fileobj=io.BytesIO(stdout)) as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert members["./link"].linkname == "folder/run"
    assert (members["./folder/run"].mode, members["./folder/run"].size) == (0o755, 500_010)
