"""Commands: streams, input, ends, credit."""

import asyncio
import base64
import hashlib

import pytest

from .client import CREDIT_BYTES, RefusedError, Shim
from .world import on_shim

SUCCESS = {"reason": "exited", "exitCode": 0}


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_streams_code_folder_and_environment(shim: Shim) -> None:
    sandbox_id = await shim.create()
    end, stdout, stderr = await shim.run(
        sandbox_id, "echo $COLOUR $SIZE; pwd; echo err >&2; exit 3", env={"SIZE": "xl"}, cwd="/usr"
    )
    assert (end, stdout, stderr) == ({"reason": "exited", "exitCode": 3}, b"xl\n/usr\n", b"err\n")
    assert await shim.run(sandbox_id, "cat; pwd") == (SUCCESS, b"/repo\n", b"")
    assert len(await shim.fake.running()) == 1


@on_shim
async def test_how_commands_end(shim: Shim) -> None:
    sandbox_id = await shim.create()
    assert await shim.run(sandbox_id, "kill -9 $$") == ({"reason": "signalled", "signal": 9}, b"", b"")
    for command, more in (
        (["no-such-program", "argument"], {}),
        (["/usr"], {}),
        (["cd", "/"], {}),
        (["./no-interpreter"], {}),
        (["true"], {"cwd": "/no/such"}),
    ):
        await shim.run(sandbox_id, "echo '#!/no/such' >no-interpreter; chmod +x no-interpreter")
        end, stdout, stderr = await shim.finished(await shim.start(sandbox_id, *command, **more))
        assert (end, stdout) == ({"reason": "not_started"}, b"")
        assert stderr.endswith(b"\n")
        assert b"modal-shim" not in stderr
    forged = "echo modal-shim-0 >&2; exit 127"
    assert (await shim.run(sandbox_id, forged))[::2] == (
        {"reason": "exited", "exitCode": 127},
        b"modal-shim-0\n",
    )
    assert (await shim.run(sandbox_id, "exit 127"))[0] == {"reason": "exited", "exitCode": 127}
    assert (await shim.run(sandbox_id, "sleep 100", timeoutMs=500))[0] == {"reason": "timed_out"}


@on_shim
async def test_a_signal_reaches_the_whole_group(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sh", "-c", "sleep 101 & sleep 102; echo never")
    assert await shim.call("exec.signal", execId=exec_id, signal="TERM") == {"delivered": True}
    end, stdout, _ = await shim.finished(exec_id)
    assert (end, stdout) == ({"reason": "signalled", "signal": 15}, b"")
    assert (await shim.run(sandbox_id, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 10[12]'"))[
        1
    ] == b"0\n"
    assert await shim.call("exec.signal", execId=exec_id, signal="TERM") == {"delivered": False}


@on_shim
async def test_what_runs_out_of_time_is_gone_with_its_group(shim: Shim) -> None:
    sandbox_id = await shim.create()
    end, _, _ = await shim.run(sandbox_id, "sleep 103 & sleep 104", timeoutMs=500)
    assert end == {"reason": "timed_out"}
    script = "while cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'sleep 10[34]$'; do sleep 0.05; done"
    assert (await shim.run(sandbox_id, script, timeoutMs=20_000))[0] == SUCCESS


@on_shim
async def test_a_command_that_leaves_something_running_ends(shim: Shim) -> None:
    sandbox_id = await shim.create()
    assert await shim.run(sandbox_id, "sleep 100 & echo done") == (SUCCESS, b"done\n", b"")
    assert await shim.run(sandbox_id, "setsid sleep 100 & echo done") == (SUCCESS, b"done\n", b"")


@on_shim
async def test_input_in_order_and_its_end(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sha256sum", stdin=True)
    parts = [bytes([number]) * 50_000 for number in range(40)]
    sent = [
        shim.send("exec.stdin", {"execId": exec_id, "data": base64.b64encode(part).decode()})
        for part in parts
    ]
    sent.append(shim.send("exec.stdin", {"execId": exec_id, "eof": True}))
    await asyncio.gather(*map(shim.answer, sent))
    _, stdout, _ = await shim.finished(exec_id)
    assert stdout.split()[0].decode() == hashlib.sha256(b"".join(parts)).hexdigest()


@on_shim
async def test_input_that_cannot_be_taken(shim: Shim) -> None:
    sandbox_id = await shim.create()
    exec_id = await shim.start(sandbox_id, "sleep", "100", stdin=True)
    await shim.call("exec.stdin", execId=exec_id, eof=True)
    for params, code in (({"data": "aGkK"}, "STDIN_CLOSED"), ({"data": "%"}, "INVALID_PARAMS")):
        with pytest.raises(RefusedError) as caught:
            await shim.call("exec.stdin", execId=exec_id, **params)
        assert caught.value.code == code
    await shim.call("exec.signal", execId=exec_id, signal="KILL")
    await shim.finished(exec_id)
    with pytest.raises(RefusedError) as caught:
        await shim.call("exec.stdin", execId=exec_id, data="aGkK")
    assert caught.value.code == "STREAM_NOT_FOUND"


@on_shim
async def test_output_waits_for_credit(shim: Shim) -> None:
    sandbox_id = await shim.create()
    shim.give_credit = False
    exec_id = await shim.start(sandbox_id, "sh", "-c", "seq 1 100000; echo end >&2", creditBytes=1000)
    run = shim.exec(exec_id)
    await shim.until("heartbeat", sequence=(await shim.until("heartbeat"))["sequence"] + 1)
    while len(run.stdout) + len(run.stderr) < 1000:
        await shim.until("heartbeat")
    assert (await shim.run(sandbox_id, "true"))[0] == SUCCESS
    assert (len(run.stdout) + len(run.stderr), run.end.done()) == (1000, False)
    shim.give_credit = True
    shim.tell("credit", streamId=exec_id, bytes=CREDIT_BYTES)
    end, stdout, stderr = await shim.finished(exec_id)
    assert end == SUCCESS
    assert (stdout.count(b"\n"), stderr) == (100_000, b"end\n")


@on_shim
async def test_fifty_megabytes_of_every_byte(shim: Shim) -> None:
    sandbox_id = await shim.create()
    script = "head -c 52428800 /dev/urandom > data; sha256sum data >&2; cat data"
    end, stdout, stderr = await shim.run(sandbox_id, script)
    assert (end, len(stdout)) == (SUCCESS, 52_428_800)
    assert hashlib.sha256(stdout).hexdigest() == stderr.split()[0].decode()


@on_shim
async def test_bytes_that_are_no_text(shim: Shim) -> None:
    sandbox_id = await shim.create()
    _, stdout, stderr = await shim.run(sandbox_id, "printf '\\377\\376\\000\\303'; printf '\\200' >&2")
    assert (stdout, stderr) == (b"\xff\xfe\x00\xc3", b"\x80")


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_a_hundred_sandboxes_at_once(shim: Shim) -> None:
    ids = await asyncio.gather(*(shim.create(tags={"n": str(number)}) for number in range(100)))
    assert len(set(ids)) == 100
    results = await asyncio.gather(*(shim.run(each, f"echo {n}") for n, each in enumerate(ids)))
    assert [stdout for _, stdout, _ in results] == [b"%d\n" % n for n in range(100)]
    beat = await shim.until("heartbeat", sandboxes=100, streams=0)
    assert beat["rssBytes"] < 200 * 1024 * 1024
    assert await shim.call("shutdown", sandboxes="terminate") == {"terminated": 100}
    assert await shim.fake.running() == []
