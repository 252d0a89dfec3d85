"""What the tests of the server share: one server a module, the real SDK as its client."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (the types of the SDK are partly unknown)

import asyncio
import functools
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

import modal
import pytest

from fake_modal.testing import FakeModal, fake_modal

TEST_TIMEOUT_S = 60
P = ParamSpec("P")


@dataclass(frozen=True)
class Account:
    """A client of the real SDK, an app and an image on a fresh server."""

    fake: FakeModal
    client: modal.Client
    app: modal.App
    image: modal.Image

    async def create(self, *command: str, **options: Any) -> modal.Sandbox:
        """Creates a sandbox that stays until its end is asked for."""
        wanted: dict[str, Any] = {"timeout": 60, "workdir": "/workspace", **options}
        argv = command or ("sleep", "infinity")
        place: dict[str, Any] = {"app": self.app, "image": self.image, "client": self.client}
        return await modal.Sandbox.create.aio(*argv, **place, **wanted)

    async def definition(self, sandbox: modal.Sandbox) -> dict[str, Any]:
        """What the server was asked for."""
        found = {entry["id"]: entry for entry in await self.fake.ask("sandboxes")}
        return found[sandbox.object_id]


@asynccontextmanager
async def account(version: str, *arguments: str) -> AsyncGenerator[Account]:
    """Starts a server and opens the real SDK on it. `version` is `v1` or `v2`."""
    async with fake_modal(*arguments) as fake:
        if fake.hello["isolation"] != "namespaces" and "--isolation" not in arguments:
            pytest.skip("bubblewrap does not work here")
        os.environ.update(fake.environment)
        os.environ["MODAL_SANDBOX_V2"] = "1" if version == "v2" else "0"
        token = (fake.hello["tokenId"], fake.hello["tokenSecret"])
        client = await modal.Client.from_credentials.aio(*token)
        app = await modal.App.lookup.aio("test", create_if_missing=True, client=client)
        image = await modal.Image.debian_slim().build.aio(app)
        yield Account(fake, client, app, image)


def on_account(
    test: Callable[Concatenate[Account, P], Awaitable[None]],
) -> Callable[Concatenate[str, P], None]:
    """Runs an asynchronous test on an account of the sandbox version given by the fixture `version`."""

    @functools.wraps(test)
    def run(version: str, *args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            async with account(version) as opened:
                await test(opened, *args, **kwargs)

        asyncio.run(asyncio.wait_for(main(), TEST_TIMEOUT_S))

    # pytest asks for the fixtures named in the signature: `version` in place of the account.
    del run.__dict__["__wrapped__"]
    return run


async def run(sandbox: modal.Sandbox, script: str, **options: Any) -> tuple[int, bytes, bytes]:
    """Runs a shell script and gives its code and both streams."""
    wanted: dict[str, Any] = {"timeout": 30, **options}
    process = await sandbox.exec.aio("sh", "-c", script, text=False, **wanted)
    stdout, stderr = await asyncio.gather(process.stdout.read.aio(), process.stderr.read.aio())
    return await process.wait.aio(), stdout, stderr
