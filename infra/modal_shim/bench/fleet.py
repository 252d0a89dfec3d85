"""One shim for many tasks, against one interpreter for each, on the same server in the same run."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import modal

from fake_modal.testing import FakeModal, fake_modal
from modal_shim.tests.client import Shim, open_shim

PACKAGES = Path(__file__).parent.parent.parent
# Interpreters of the old way at a time: each takes some 60 MB.
INTERPRETERS = 8
QUEUED_AT_A_TIME = 100
ROUND_TRIPS = 100


async def main(tasks: int, queued: int) -> None:
    """Prints one JSON line a measurement."""
    async with fake_modal() as fake, open_shim() as shim:
        pace = {"createsPerSecond": 1000, "createBurst": 10_000, "concurrentCreates": 32}
        await shim.configure(fake, limits=pace)
        report("one shim, all at once", await measure_shim(shim, tasks, tasks))
        report("one shim, queued", await measure_shim(shim, queued, QUEUED_AT_A_TIME))
        report("an interpreter for each", await measure_interpreters(fake, tasks))
        report("round trip of a command", await measure_round_trips(fake, shim))


async def measure_shim(shim: Shim, tasks: int, at_a_time: int) -> dict[str, object]:
    """Makes, uses and ends sandboxes by the shim."""
    places = asyncio.Semaphore(at_a_time)
    all_up = asyncio.Barrier(at_a_time)

    async def run(number: int) -> bool:
        async with places:
            sandbox_id = await shim.create()
            _, stdout, _ = await shim.run(sandbox_id, f"echo {number}")
            if tasks == at_a_time:
                await all_up.wait()
            await shim.call("sandbox.terminate", sandboxId=sandbox_id)
        return stdout == b"%d\n" % number

    before = (await next_beat(shim))["cpuMs"]
    done = await asyncio.gather(*map(run, range(tasks)), return_exceptions=True)
    after = await next_beat(shim)
    return {
        "tasks": tasks,
        "failed": sum(result is not True for result in done),
        "cpuMsPerTask": round((after["cpuMs"] - before) / tasks, 1),
        "rssMb": round(after["rssBytes"] / 2**20),
    }


async def measure_interpreters(fake: FakeModal, tasks: int) -> dict[str, object]:
    """Does the same with an interpreter for each task."""
    places = asyncio.Semaphore(INTERPRETERS)

    async def run(number: int) -> dict[str, float]:
        async with places:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "modal_shim.bench.one_task", str(number)),
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGES), **fake.environment},
                stdout=asyncio.subprocess.PIPE,
            )
            stdout, _ = await process.communicate()
        return json.loads(stdout)

    results = await asyncio.gather(*map(run, range(tasks)))
    return {
        "tasks": tasks,
        "failed": sum(not result["done"] for result in results),
        "cpuMsPerTask": round(statistics.median(result["cpuMs"] for result in results), 1),
        "rssMbPerTask": round(statistics.median(result["rssMb"] for result in results)),
    }


async def measure_round_trips(fake: FakeModal, shim: Shim) -> dict[str, object]:
    """The same command in the same sandbox by the SDK alone and by the shim, in turns."""
    os.environ.update(fake.environment)
    client = await modal.Client.from_credentials.aio(fake.hello["tokenId"], fake.hello["tokenSecret"])
    sandbox_id = await shim.create()
    sandbox = await modal.Sandbox.from_id.aio(sandbox_id, client=client)

    async def by_sdk() -> None:
        process = await sandbox.exec.aio("sh", "-c", "true", text=False, timeout=60)
        await asyncio.gather(process.stdout.read.aio(), process.stderr.read.aio(), process.wait.aio())

    async def by_shim() -> None:
        # As the backend does: with a label, so that nothing of it stays.
        await shim.run(sandbox_id, "true", env={"AGENTSWARM_EXEC": "exec-1"}, label="AGENTSWARM_EXEC")

    times: dict[str, list[float]] = {"sdk": [], "shim": []}
    for _ in range(ROUND_TRIPS):
        times["sdk"].append(await time_ms(by_sdk))
        times["shim"].append(await time_ms(by_shim))
    sdk, by = (statistics.median(times[name]) for name in ("sdk", "shim"))
    return {"sdkP50Ms": round(sdk, 1), "shimP50Ms": round(by, 1), "addedMs": round(by - sdk, 1)}


async def time_ms(work: Callable[[], Awaitable[None]]) -> float:
    """How long it takes on the clock."""
    began_at = time.perf_counter()
    await work()
    return (time.perf_counter() - began_at) * 1000


async def next_beat(shim: Shim) -> dict[str, int]:
    """A heartbeat that was sent from now on."""
    shim.notices.clear()
    await shim.until("heartbeat")
    return await shim.until("heartbeat")


def report(what: str, measured: dict[str, object]) -> None:
    """Prints one line."""
    print(json.dumps({"what": what, **measured}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--queued", type=int, default=1000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.tasks, arguments.queued))
