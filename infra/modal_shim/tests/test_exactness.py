"""What a command sees, what it may use, and that nothing of it stays."""

import asyncio

import pytest

from .client import RefusedError, Shim
from .world import on_shim

SUCCESS = {"reason": "exited", "exitCode": 0}
LABEL = "AGENTSWARM_EXEC"
# Outlives its starter in a session of its own.
TICKER = "setsid sh -c 'while :; do echo tick >>/tmp/ticks; sleep 0.02; done' >/dev/null 2>&1 </dev/null &"
TICKS = "a=$(wc -l </tmp/ticks); sleep 0.3; b=$(wc -l </tmp/ticks); [ $a = $b ] && echo still"


async def environment(shim: Shim, sandbox_id: str, env: dict[str, str]) -> dict[str, str]:
    """The variables that a command sees."""
    end, stdout, stderr = await shim.finished(await shim.start(sandbox_id, "/usr/bin/env", "-0", env=env))
    assert (end, stderr) == (SUCCESS, b"")
    return dict(entry.split("=", 1) for entry in stdout.decode().split("\0") if entry)


@pytest.mark.parametrize("backend", ["v1", "v2"])
@on_shim
async def test_a_command_sees_what_it_was_given(shim: Shim) -> None:
    sandbox_id = await shim.create(env={"OF_SANDBOX": "1"})
    path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    assert await environment(shim, sandbox_id, {}) == path
    given = {
        "EMPTY": "",
        "LINES": "one\nexport PATH='x'\nexport _shim_keep=\nGIVEN=no\n",
        "QUOTES": 'it\'s "$HOME" `id` $(id) \\ \\n %s',
        "GIVEN": " a  b ",
        "PATH": "/nowhere",
    }
    assert await environment(shim, sandbox_id, given) == given
    big = {f"N{number}": str(number) * 20 for number in range(1000)} | {"BIG": "x" * 50_000}
    assert await environment(shim, sandbox_id, big) == big | path


@on_shim
async def test_odd_names(shim: Shim) -> None:
    sandbox_id = await shim.create()
    odd = {
        "a.b": "1",
        "npm_config_//host/:_authToken": "2",
        "x y\nz": "3",
        "BASH_FUNC_kill%%": "() { :; }",
        "ok": "4",
    }
    seen = await environment(shim, sandbox_id, odd)
    assert seen.items() >= odd.items()
    assert seen.keys() - odd.keys() <= {"PATH", "SHLVL", "_"}


@on_shim
async def test_no_value_is_an_argument(shim: Shim) -> None:
    sandbox_id = await shim.create()
    canary = "canary-2207"
    script = "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c canar[y]"
    exec_ids = [await shim.start(sandbox_id, "sleep", "30", env={"SECRET": canary, "o.d": canary})]
    assert (await shim.run(sandbox_id, script, env={"SECRET": canary}))[1] == b"0\n"
    for exec_id in exec_ids:
        await shim.call("exec.signal", execId=exec_id, signal="KILL")


@on_shim
async def test_nothing_outlives_a_command(shim: Shim) -> None:
    sandbox_id = await shim.create()
    label = {"label": LABEL, "env": {LABEL: "exec-1"}}
    script = f"{TICKER} while [ ! -s /tmp/ticks ]; do sleep 0.02; done"
    assert (await shim.run(sandbox_id, script, **label))[0] == SUCCESS
    assert (await shim.run(sandbox_id, TICKS))[1] == b"still\n"
    for ending in ("kill -9 $$", "kill -9 $PPID; sleep 60"):
        end, _, _ = await shim.run(sandbox_id, f"{TICKER} {ending}", **label)
        assert end == {"reason": "signalled", "signal": 9}
        assert (await shim.run(sandbox_id, TICKS))[1] == b"still\n"
    end, _, _ = await shim.run(sandbox_id, f"{TICKER} sleep 60", timeoutMs=500, **label)
    assert end == {"reason": "timed_out"}
    assert (await shim.run(sandbox_id, TICKS))[1] == b"still\n"


@on_shim
async def test_other_commands_stay(shim: Shim) -> None:
    sandbox_id = await shim.create()
    other = await shim.start(sandbox_id, "sleep", "60", label=LABEL, env={LABEL: "exec-11"})
    await asyncio.gather(
        *(shim.run(sandbox_id, TICKER, label=LABEL, env={LABEL: "exec-1"}) for _ in range(4))
    )
    assert await shim.call("exec.signal", execId=other, signal="TERM") == {"delivered": True}
    assert (await shim.finished(other))[0] == {"reason": "signalled", "signal": 15}
    for env in ({}, {LABEL: ""}, {LABEL: "a\nb"}):
        with pytest.raises(RefusedError) as caught:
            await shim.start(sandbox_id, "true", label=LABEL, env=env)
        assert caught.value.code == "INVALID_PARAMS"


@on_shim
async def test_bounds_of_each_process(shim: Shim) -> None:
    sandbox_id = await shim.create()
    bounds = {"fileMb": 0.5, "cpuSeconds": 7, "openFiles": 100}
    _, stdout, _ = await shim.run(sandbox_id, "ulimit -f; ulimit -t; ulimit -n; ulimit -c", limits=bounds)
    assert stdout == b"1024\n7\n100\n0\n"
    script = "head -c 600000 /dev/zero >/tmp/big || echo refused; wc -c </tmp/big"
    end, stdout, _ = await shim.run(sandbox_id, script, limits=bounds)
    assert (end, stdout) == (SUCCESS, b"refused\n524288\n")
    end, _, _ = await shim.run(sandbox_id, "while :; do :; done", limits={"cpuSeconds": 1})
    assert end["reason"] == "signalled"
    missing = await shim.start(sandbox_id, "no-such-program", limits=bounds)
    assert (await shim.finished(missing))[0] == {"reason": "not_started"}


@on_shim
async def test_by_force_the_shell_around_a_command_ends_too(shim: Shim) -> None:
    sandbox_id = await shim.create()
    script = "kill -STOP $PPID; echo stopped >/tmp/stopped; sleep 600"
    started = await shim.start(sandbox_id, "sh", "-c", script, env={LABEL: "stops-it"}, label=LABEL)
    await shim.run(sandbox_id, "until [ -s /tmp/stopped ]; do sleep 0.02; done")
    count = "grep -lszxF AGENTSWARM_EXEC=stops-it /proc/[0-9]*/environ | wc -l"
    assert (await shim.run(sandbox_id, count))[1] == b"3\n"
    assert await shim.call("exec.signal", execId=started, signal="KILL") == {"delivered": True}
    assert (await shim.run(sandbox_id, count))[1] == b"0\n"
