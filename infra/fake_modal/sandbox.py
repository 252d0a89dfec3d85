"""One sandbox: its definition, its processes, its end."""

import asyncio
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modal_proto import api_pb2

from .execs import Exec, ExecRequest
from .ids import new_sandbox_id, new_task_id
from .isolation import Bind, Isolation, Place, Room
from .local_process import Command

Status = api_pb2.GenericResult
BASE_ENV = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    # As images have some, which no command asked for.
    "IMAGE_VERSION": "12.4",
    "NODE_PATH": "/opt/modules",
}


@dataclass(frozen=True)
class SandboxPlan:
    """What was asked for, with secrets resolved and volumes as folders."""

    app_id: str
    v2: bool
    definition: api_pb2.Sandbox
    env_names: Sequence[str]
    volumes: Sequence[Bind]
    root: str
    start_delay_s: float


@dataclass
class Sandbox:
    """A sandbox from its creation on; kept after its end, without its environment and files."""

    plan: SandboxPlan
    tags: dict[str, str]
    env: dict[str, str]
    id: str = ""
    task_id: str = ""
    created_at: float = field(default_factory=time.time)
    result: api_pb2.GenericResult | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    execs: dict[str, Exec] = field(default_factory=dict[str, Exec])
    started: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    exec_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    room: Room | None = None

    def __post_init__(self) -> None:
        self.id = new_sandbox_id(v2=self.plan.v2)
        self.task_id = new_task_id(v2=self.plan.v2)
        self.env = {**BASE_ENV, "MODAL_TASK_ID": self.task_id, **self.env}
        self.timers: list[asyncio.TimerHandle] = []
        self.idle_timer: asyncio.TimerHandle | None = None

    @property
    def workdir(self) -> str:
        """The folder that commands start in."""
        return self.plan.definition.workdir or "/root"

    async def run(self, isolation: Isolation) -> None:
        """Starts the entrypoint after the start delay, and stays until the sandbox has ended."""
        definition = self.plan.definition
        loop = asyncio.get_running_loop()
        self.timers.append(
            loop.call_later(definition.timeout_secs, self.finish, Status.GENERIC_STATUS_TIMEOUT)
        )
        if self.plan.start_delay_s:
            self.timers.append(loop.call_later(self.plan.start_delay_s, self.started.set))
        else:
            self.started.set()
        await _first(self.started, self.ended)
        if self.result is not None:
            return
        try:
            self.room = await self._open(isolation)
        except OSError as error:
            self.finish(Status.GENERIC_STATUS_INIT_FAILURE, str(error))
            return
        if self.result is not None:
            self.room.entrypoint.kill()
            return
        self.opened.set()
        self._arm_idle_timer()
        exited = asyncio.ensure_future(asyncio.shield(self.room.entrypoint.exited))
        ended = asyncio.create_task(self.ended.wait())
        await asyncio.wait([exited, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if exited.done():
            self._finish_with(exited.result())
        exited.cancel()

    async def ready(self) -> Room | None:
        """The room once it is open; None when the sandbox ended before."""
        await self.opened.wait()
        return None if self.result is not None else self.room

    async def start_exec(self, exec_id: str, request: ExecRequest) -> bool:
        """Starts a command, once per id. False when the sandbox has ended."""
        room = await self.ready()
        async with self.exec_lock:
            if room is None or self.result is not None:
                return False
            if exec_id in self.execs:
                return True
            started = await Exec.start(room, request)
            self.execs[exec_id] = started
        if self.result is not None:
            self.lose_execs()
            return False
        self._stop_idle_timer()
        started.process.exited.add_done_callback(lambda _: self._arm_idle_timer())
        return True

    def finish(
        self, status: api_pb2.GenericResult.GenericStatus.ValueType, exception: str = "", exitcode: int = 0
    ) -> None:
        """Ends it with a status; every process dies, the environment and the execs are forgotten."""
        if self.result is not None:
            return
        self.result = api_pb2.GenericResult(status=status, exception=exception, exitcode=exitcode)
        for timer in self.timers:
            timer.cancel()
        self._stop_idle_timer()
        self.lose_execs()
        if self.room is not None:
            self.room.entrypoint.kill()
        self.env.clear()
        self.ended.set()
        self.opened.set()

    def lose_execs(self) -> None:
        """Kills every command and forgets that it ever ran."""
        for running in self.execs.values():
            running.end()
        self.execs.clear()

    def remove_files(self) -> None:
        """Removes its root folder. Contract: its processes have ended."""
        shutil.rmtree(self.plan.root, ignore_errors=True)

    def _finish_with(self, returncode: int) -> None:
        code = returncode if returncode >= 0 else 128 - returncode
        status = Status.GENERIC_STATUS_SUCCESS if code == 0 else Status.GENERIC_STATUS_FAILURE
        self.finish(status, exitcode=code)

    async def _open(self, isolation: Isolation) -> Room:
        for folder in ("root", "tmp", self.workdir.lstrip("/")):
            Path(self.plan.root, folder).mkdir(parents=True, exist_ok=True)
        os.chmod(Path(self.plan.root, "tmp"), 0o1777)  # noqa: S103 (as on every Linux)
        blocked = api_pb2.NetworkAccess.NetworkAccessType.BLOCKED
        network = self.plan.definition.network_access.network_access_type != blocked
        place = Place(self.plan.root, self.plan.volumes, network)
        argv = list(self.plan.definition.entrypoint_args) or ["sleep", "172800"]
        return await isolation.start(place, Command(argv, self.env, self.workdir))

    def _arm_idle_timer(self) -> None:
        idle_s = self.plan.definition.idle_timeout_secs
        busy = any(running.returncode is None for running in self.execs.values())
        if not idle_s or busy or self.result is not None:
            return
        self._stop_idle_timer()
        loop = asyncio.get_running_loop()
        self.idle_timer = loop.call_later(idle_s, self.finish, Status.GENERIC_STATUS_IDLE_TIMEOUT)

    def _stop_idle_timer(self) -> None:
        if self.idle_timer is not None:
            self.idle_timer.cancel()
            self.idle_timer = None


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
