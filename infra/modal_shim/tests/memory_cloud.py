"""A cloud in memory that does as each test says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from modal_shim.errors import ShimError
from modal_shim.provider import Command, Process, Sandbox, SandboxSpec


@dataclass
class MadeSandbox:
    """A sandbox that only remembers its tags and whether it was ended."""

    id: str
    its_tags: Mapping[str, str]
    ended: bool = False

    async def start(self, command: Command) -> Process:
        """Not here."""
        raise ShimError("NOT_SUPPORTED", f"no commands here: {command.argv}")

    async def poll(self) -> int | None:
        """137 once ended."""
        return 137 if self.ended else None

    async def tags(self) -> Mapping[str, str]:
        """As they were made or set."""
        return self.its_tags

    async def set_tags(self, tags: Mapping[str, str]) -> None:
        """Replaces them."""
        self.its_tags = tags

    async def write_file(self, path: str, data: bytes) -> None:
        """Not here."""
        raise ShimError("NOT_SUPPORTED", f"no files here: {path}, {len(data)} bytes")

    async def terminate(self) -> None:
        """Remembers it."""
        self.ended = True

    async def detach(self) -> None:
        """Nothing to close."""


@dataclass
class MemoryCloud:
    """Makes sandboxes; `before` and `after` each may wait or fail."""

    before: Callable[[], Awaitable[None]]
    after: Callable[[], Awaitable[None]]
    made: list[MadeSandbox] = field(default_factory=list[MadeSandbox])
    asked: int = 0
    app_id: str = "ap-memory"

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Makes one, as the test says."""
        self.asked += 1
        await self.before()
        sandbox = MadeSandbox(f"sb-{len(self.made)}", spec.tags)
        self.made.append(sandbox)
        await self.after()
        return sandbox

    async def attach(self, sandbox_id: str) -> Sandbox:
        """Finds one."""
        return next(sandbox for sandbox in self.made if sandbox.id == sandbox_id)

    async def list(self, tags: Mapping[str, str]) -> Sequence[Sandbox]:
        """Those with all of the tags."""
        return [sandbox for sandbox in self.made if tags.items() <= sandbox.its_tags.items()]
