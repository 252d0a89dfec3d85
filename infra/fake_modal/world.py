"""Everything the server knows: apps, images, secrets, volumes and sandboxes."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modal_proto import api_pb2

from .faults import FaultPlan
from .ids import new_id
from .isolation import Bind, Isolation
from .sandbox import Sandbox, SandboxPlan

# Of the one account there is. Each server has another secret: whoever knows it runs programs as its user.
TOKEN_ID = "ak-fake"  # noqa: S105


@dataclass
class Limits:
    """What an account is allowed, and how slow it is. No `max_sandboxes`: any number."""

    max_sandboxes: int | None = None
    start_delay_s: float = 0.0


@dataclass
class World:
    """The state of the server. Its folder is removed with it."""

    isolation: Isolation
    exposed: list[Bind]
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """What every image sets."""
    token_secret: str = field(default_factory=lambda: new_id("as"))
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="fake-modal-")))
    limits: Limits = field(default_factory=Limits)
    faults: FaultPlan = field(default_factory=FaultPlan)
    calls: Counter[str] = field(default_factory=Counter[str])
    apps: dict[str, str] = field(default_factory=dict[str, str])
    images: dict[bytes, str] = field(default_factory=dict[bytes, str])
    image_tags: dict[str, str] = field(default_factory=dict[str, str])
    secrets: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    secret_names: dict[str, str] = field(default_factory=dict[str, str])
    volumes: dict[str, str] = field(default_factory=dict[str, str])
    sandboxes: dict[str, Sandbox] = field(default_factory=dict[str, Sandbox])
    tasks: dict[str, Sandbox] = field(default_factory=dict[str, Sandbox])
    router_tokens: dict[str, str] = field(default_factory=dict[str, str])
    created_by_key: dict[str, str] = field(default_factory=dict[str, str])
    lives: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    router_url: str = ""

    def running(self) -> list[Sandbox]:
        """The sandboxes that have not ended, newest first."""
        alive = [sandbox for sandbox in self.sandboxes.values() if sandbox.result is None]
        return sorted(alive, key=lambda sandbox: sandbox.created_at, reverse=True)

    def create(
        self,
        app_id: str,
        definition: api_pb2.Sandbox,
        tags: Mapping[str, str],
        *,
        env: Mapping[str, str],
        v2: bool,
    ) -> Sandbox:
        """Makes a sandbox and lets it start."""
        known: dict[str, str] = {}
        for secret_id in definition.secret_ids:
            known |= self.secrets[secret_id]
        plan = SandboxPlan(
            app_id=app_id,
            v2=v2,
            definition=definition,
            env_names=sorted({**known, **env}),
            volumes=[*self.exposed, *map(self._bind, definition.volume_mounts)],
            root=tempfile.mkdtemp(prefix="root-", dir=self.folder),
            start_delay_s=self.limits.start_delay_s,
        )
        sandbox = Sandbox(plan, dict(tags), {**self.environment, **known, **env})
        # List pages by creation time and needs it to differ.
        newest = max((other.created_at for other in self.sandboxes.values()), default=0.0)
        sandbox.created_at = max(sandbox.created_at, newest + 1e-6)
        self.sandboxes[sandbox.id] = sandbox
        self.tasks[sandbox.task_id] = sandbox
        life = asyncio.create_task(self._live(sandbox))
        self.lives.add(life)
        life.add_done_callback(self.lives.discard)
        return sandbox

    def image_for(self, recipe: bytes) -> str:
        """The image of a recipe; equal recipes give the same one."""
        return self.images.setdefault(recipe, new_id("im"))

    def new_secret(self, env: Mapping[str, str], name: str = "") -> str:
        """Keeps a secret, under a name where it has one."""
        secret_id = new_id("st")
        self.secrets[secret_id] = dict(env)
        if name:
            self.secret_names[name] = secret_id
        return secret_id

    def router_token(self, task_id: str) -> str:
        """The token with which a client may talk to the commands of a task."""
        return self.router_tokens.setdefault(task_id, new_id("router"))

    async def reset(self) -> None:
        """Ends every sandbox and forgets everything but the apps and images."""
        for sandbox in self.running():
            sandbox.finish(api_pb2.GenericResult.GENERIC_STATUS_TERMINATED)
        if self.lives:
            await asyncio.wait(set(self.lives))
        self.limits = Limits()
        self.faults = FaultPlan()
        for store in (self.calls, self.secrets, self.secret_names, self.volumes, self.sandboxes, self.tasks):
            store.clear()
        self.router_tokens.clear()
        self.created_by_key.clear()

    async def _live(self, sandbox: Sandbox) -> None:
        await sandbox.run(self.isolation)
        if sandbox.room is not None:
            await asyncio.shield(sandbox.room.entrypoint.exited)
        sandbox.remove_files()

    def _bind(self, mount: api_pb2.VolumeMount) -> Bind:
        host = Path(self.folder, mount.volume_id, mount.sub_path.lstrip("/"))
        host.mkdir(parents=True, exist_ok=True)
        return Bind(str(host), mount.mount_path, mount.read_only)
