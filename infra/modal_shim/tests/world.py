"""A server and a shim that is configured for it, for one test."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec

import pytest

from fake_modal.testing import fake_modal

from .client import Shim, open_shim

TEST_TIMEOUT_S = 120
P = ParamSpec("P")


def on_shim(
    test: Callable[Concatenate[Shim, P], Awaitable[None]],
) -> Callable[Concatenate[str, P], None]:
    """Runs an asynchronous test with a shim configured for the version given by the fixture `backend`."""

    @functools.wraps(test)
    def run(backend: str, *args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            async with fake_modal() as fake, open_shim() as shim:
                if fake.hello["isolation"] != "namespaces":
                    pytest.skip("bubblewrap does not work here")
                await shim.configure(
                    fake, backend=backend, limits={"createBurst": 200, "concurrentCreates": 32}
                )
                await test(shim, *args, **kwargs)

        asyncio.run(asyncio.wait_for(main(), TEST_TIMEOUT_S))

    # pytest gives the fixtures of the signature: `backend` in place of the shim.
    rest = list(inspect.signature(test).parameters.values())[1:]
    backend = inspect.Parameter("backend", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    run.__dict__["__signature__"] = inspect.Signature([backend, *rest])
    return run


def creates(backend_or_id: str) -> str:
    """The name of the create call of a version."""
    return "SandboxCreateV2" if backend_or_id == "v2" else "SandboxCreate"
