"""The Modal SDK behind `provider`: the only module that touches it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import modal
from grpclib.exceptions import StreamTerminatedError
from modal import exception

from .errors import ShimError
from .provider import (
    Account,
    Bounds,
    Command,
    ImageSource,
    Process,
    Sandbox,
    SandboxSpec,
    StreamName,
)

CONNECT_TIMEOUT_S = 90
# How long the SDK itself waits where the server says when to come again; beyond that we do.
MAX_THROTTLE_WAIT_S = 30

# The first that fits counts: some are subclasses of later ones.
_CODES: Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], str]] = (
    (exception.SandboxFilesystemNotFoundError, "FILE_NOT_FOUND"),
    (exception.SandboxFilesystemError, "FILE_REFUSED"),
    (exception.AuthError, "UNAUTHENTICATED"),
    (exception.PermissionDeniedError, "PERMISSION_DENIED"),
    (exception.NotFoundError, "NOT_FOUND"),
    (exception.ResourceExhaustedError, "RATE_LIMITED"),
    (exception.ImageBuildError, "IMAGE_FAILED"),
    (
        (exception.ConflictError, exception.SandboxTerminatedError, exception.SandboxTimeoutError),
        "SANDBOX_ENDED",
    ),
    (exception.ClientClosed, "SHUTTING_DOWN"),
    ((exception.TimeoutError, TimeoutError), "TIMED_OUT"),
    (
        (
            exception.ServiceError,
            exception.InternalError,
            exception.ConnectionError,
            exception.DataLossError,
            OSError,
            StreamTerminatedError,
        ),
        "UNAVAILABLE",
    ),
    (
        (
            exception.InvalidError,
            exception.AlreadyExistsError,
            exception.UnimplementedError,
            exception.VersionError,
            exception.RequestSizeError,
        ),
        "REFUSED",
    ),
)


class translated:  # noqa: N801 (used as a statement)
    """Turns what the SDK raises into a `ShimError`; cancellation passes."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, ShimError):
            return
        for kinds, code in _CODES:
            if isinstance(error, kinds):
                raise ShimError(code, str(error) or type(error).__name__) from error
        raise ShimError("INTERNAL", f"{type(error).__name__}: {error}") from error


async def open_cloud(account: Account) -> "ModalCloud":
    """Connects, checks the credentials and finds or makes the app."""
    settings = {
        "MODAL_SANDBOX_V2": "1" if account.backend == "v2" else "0",
        "MODAL_MAX_THROTTLE_WAIT": str(MAX_THROTTLE_WAIT_S),
        "MODAL_SERVER_URL": account.server_url,
        "MODAL_ENVIRONMENT": account.environment,
    }
    os.environ.update({name: value for name, value in settings.items() if value is not None})
    with translated():
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            client = await _client(account)
            await client.hello.aio()
            app = await modal.App.lookup.aio(account.app, create_if_missing=True, client=client)
    return ModalCloud(client, app)


async def _client(account: Account) -> modal.Client:
    if account.credentials is None:
        return await modal.Client.from_env.aio()
    token = (account.credentials.token_id, account.credentials.token_secret)
    return await modal.Client.from_credentials.aio(*token)


class ModalCloud:
    """One app, by one connection for the life of the process."""

    def __init__(self, client: modal.Client, app: modal.App) -> None:
        self._client = client
        self._app = app
        self._images: dict[ImageSource, modal.Image] = {}
        self._image_turn = asyncio.Lock()
        self._volumes: dict[str, modal.Volume] = {}

    @property
    def app_id(self) -> str:
        """As Modal names it."""
        return self._app.app_id or ""

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Makes a sandbox; its image is built or looked up once a process."""
        with translated():
            image = await self._image(spec.image)
            made = await modal.Sandbox.create.aio(
                *spec.command, app=self._app, image=image, client=self._client, **self._options(spec)
            )
        return ModalSandbox(made)

    async def attach(self, sandbox_id: str) -> Sandbox:
        """Opens a connection to one that exists."""
        with translated():
            return ModalSandbox(await modal.Sandbox.from_id.aio(sandbox_id, client=self._client))

    async def list(self, tags: Mapping[str, str]) -> Sequence[Sandbox]:
        """The running ones that have all of the tags, newest first."""
        with translated():
            found = modal.Sandbox.list.aio(app_id=self.app_id, tags=dict(tags), client=self._client)
            return [ModalSandbox(sandbox) async for sandbox in found]

    def _options(self, spec: SandboxSpec) -> dict[str, Any]:
        options: dict[str, Any] = {
            "timeout": spec.timeout_s,
            "idle_timeout": spec.idle_timeout_s,
            "workdir": spec.workdir,
            "tags": dict(spec.tags),
            "env": dict(spec.env) or None,
            "secrets": [modal.Secret.from_name(name) for name in spec.secrets],
            "volumes": {
                mount.path: self._volume(mount.name).with_mount_options(read_only=mount.read_only)
                for mount in spec.volumes
            },
            "region": spec.region,
            "name": spec.name,
            "cpu": _pair(spec.cpu),
            "memory": _pair(spec.memory_mb, whole=True),
            "block_network": spec.network.kind == "none",
        }
        if spec.network.kind == "allow":
            options["outbound_domain_allowlist"] = list(spec.network.domains)
            options["outbound_cidr_allowlist"] = list(spec.network.cidrs)
        return options

    def _volume(self, name: str) -> modal.Volume:
        if name not in self._volumes:
            self._volumes[name] = modal.Volume.from_name(name, create_if_missing=True, version=2)
        return self._volumes[name]

    async def _image(self, source: ImageSource) -> modal.Image:
        async with self._image_turn:
            if source not in self._images:
                self._images[source] = await self._find_image(source)
            return self._images[source]

    async def _find_image(self, source: ImageSource) -> modal.Image:
        match source.kind:
            case "id":
                return modal.Image.from_id(source.reference, client=self._client)
            case "name":
                return modal.Image.from_name(source.reference, client=self._client)
            case "registry":
                return await modal.Image.from_registry(source.reference).build.aio(self._app)
            case "default":
                return await modal.Image.debian_slim().build.aio(self._app)


class ModalSandbox:
    """One handle, and so one connection, for all that is done with a sandbox."""

    def __init__(self, sandbox: modal.Sandbox) -> None:
        self._sandbox = sandbox

    @property
    def id(self) -> str:
        """As Modal names it."""
        return self._sandbox.object_id

    async def start(self, command: Command) -> Process:
        """Starts a command; waits for the sandbox to start."""
        options: dict[str, Any] = {"timeout": command.timeout_s, "env": dict(command.env), "text": False}
        with translated():
            return ModalProcess(await self._sandbox.exec.aio(*command.argv, **options))

    async def poll(self) -> int | None:
        """Its exit code, or none while it runs."""
        with translated():
            return await self._sandbox.poll.aio()

    async def tags(self) -> Mapping[str, str]:
        """Its tags."""
        with translated():
            return await self._sandbox.get_tags.aio()

    async def set_tags(self, tags: Mapping[str, str]) -> None:
        """Replaces its tags."""
        with translated():
            await self._sandbox.set_tags.aio(dict(tags))

    async def write_file(self, path: str, data: bytes) -> None:
        """Writes a file and the folders above it."""
        with translated():
            await self._sandbox.filesystem.write_bytes.aio(data, path)

    async def terminate(self) -> None:
        """Ends it; one that is not known any more has ended."""
        try:
            with translated():
                await self._sandbox.terminate.aio()
        except ShimError as error:
            if error.code != "NOT_FOUND":
                raise

    async def detach(self) -> None:
        """Closes the connection."""
        with translated():
            await self._sandbox.detach.aio()


class ModalProcess:
    """A command that was sent into a sandbox."""

    def __init__(self, process: Any) -> None:
        self._process = process

    async def output(self, stream: StreamName, from_byte: int) -> AsyncGenerator[bytes]:
        """Reads from the beginning, as the SDK only can, and drops what came before `from_byte`."""
        reader = self._process.stdout if stream == "stdout" else self._process.stderr
        with translated():
            try:
                async for chunk in reader:
                    fresh = chunk[from_byte:]
                    from_byte = max(0, from_byte - len(chunk))
                    if fresh:
                        yield fresh
            finally:
                # The next reader begins anew, and the cloud need not send to nobody.
                await reader.aclose()

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Sends input, and its end; done when the sandbox has taken it.

        Raises:
            ShimError: STDIN_CLOSED when its end was sent before, or nobody reads it any more.
        """
        with translated():
            try:
                if data:
                    self._process.stdin.write(data)
                if eof:
                    self._process.stdin.write_eof()
                await self._process.stdin.drain.aio()
            except (exception.ConflictError, ValueError) as error:
                raise ShimError("STDIN_CLOSED", "nobody reads the input any more") from error

    async def wait(self) -> int | None:
        """Its exit code; none for the -1 with which the SDK says that the time was over."""
        with translated():
            code = int(await self._process.wait.aio())
        return None if code == -1 else code


def _pair(bounds: Bounds | None, *, whole: bool = False) -> tuple[float, float] | None:
    if bounds is None:
        return None
    return (int(bounds.request), int(bounds.limit)) if whole else (bounds.request, bounds.limit)
