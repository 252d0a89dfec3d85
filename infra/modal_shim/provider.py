"""What the shim needs of the cloud. Everything here raises `ShimError` and nothing else."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

StreamName = Literal["stdout", "stderr"]


@dataclass(frozen=True)
class Credentials:
    """Who pays. Never printed."""

    token_id: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True)
class Account:
    """Which app of whose account. No credentials: those of the environment or of the Modal command."""

    app: str
    backend: Literal["v1", "v2"]
    credentials: Credentials | None = None
    server_url: str | None = None
    environment: str | None = None


@dataclass(frozen=True)
class Bounds:
    """What is reserved, and the most that may be used; equal where no limit was given."""

    request: float
    limit: float


@dataclass(frozen=True)
class ImageSource:
    """`id`, `name` it was published under, `registry` tag, or `default`."""

    kind: Literal["id", "name", "registry", "default"]
    reference: str = ""


@dataclass(frozen=True)
class Network:
    """What a sandbox reaches: nothing, everything, or the hosts of two lists."""

    kind: Literal["none", "open", "allow"]
    domains: Sequence[str] = ()
    cidrs: Sequence[str] = ()


@dataclass(frozen=True)
class VolumeMount:
    """A volume by its name, made where it is missing."""

    name: str
    path: str
    read_only: bool


@dataclass(frozen=True)
class SandboxSpec:
    """A sandbox to make. Times in seconds, memory in MiB."""

    image: ImageSource
    command: Sequence[str]
    timeout_s: int
    network: Network
    tags: Mapping[str, str]
    cpu: Bounds | None = None
    memory_mb: Bounds | None = None
    idle_timeout_s: int | None = None
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    secrets: Sequence[str] = ()
    volumes: Sequence[VolumeMount] = ()
    region: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Command:
    """A command to run, with a time limit in seconds."""

    argv: Sequence[str]
    timeout_s: int
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class Process(Protocol):
    """A command that runs."""

    def output(self, stream: StreamName, from_byte: int) -> AsyncGenerator[bytes]:
        """What it wrote from a byte on, also of what came before. Contract: one reader a stream at a time."""
        ...

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Sends input, and its end; done when the sandbox has taken it."""
        ...

    async def wait(self) -> int | None:
        """Its exit code, 128 and more for a signal; none when its time was over."""
        ...


class Sandbox(Protocol):
    """A connection to one sandbox."""

    @property
    def id(self) -> str:
        """As the cloud names it."""
        ...

    async def start(self, command: Command) -> Process:
        """Starts a command; waits for the sandbox to start."""
        ...

    async def poll(self) -> int | None:
        """Its exit code, or none while it runs."""
        ...

    async def tags(self) -> Mapping[str, str]:
        """Its tags."""
        ...

    async def set_tags(self, tags: Mapping[str, str]) -> None:
        """Replaces its tags."""
        ...

    async def write_file(self, path: str, data: bytes) -> None:
        """Writes a file and the folders above it."""
        ...

    async def terminate(self) -> None:
        """Ends it. Safe to call twice."""
        ...

    async def detach(self) -> None:
        """Closes the connection."""
        ...


class Cloud(Protocol):
    """An app of an account."""

    @property
    def app_id(self) -> str:
        """As the cloud names it."""
        ...

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Makes a sandbox. A failure that is `UNAVAILABLE` or `TIMED_OUT` may have made one all the same."""
        ...

    async def attach(self, sandbox_id: str) -> Sandbox:
        """Opens a connection to one that exists."""
        ...

    async def list(self, tags: Mapping[str, str]) -> Sequence[Sandbox]:
        """The running ones that have all of the tags, newest first."""
        ...
