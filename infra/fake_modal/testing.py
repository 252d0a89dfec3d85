"""Starts the server as a child process and talks to its control channel. For tests."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = Path(__file__).parent.parent
MAX_LINE_BYTES = 64 * 1024 * 1024


class RefusedError(Exception):
    """The server refused a request, or ended otherwise than asked."""


@dataclass
class FakeModal:
    """A running server."""

    process: asyncio.subprocess.Process
    hello: dict[str, str]
    last_id: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the SDK finds it, and nothing else."""
        return {
            "MODAL_SERVER_URL": self.hello["serverUrl"],
            "MODAL_TOKEN_ID": self.hello["tokenId"],
            "MODAL_TOKEN_SECRET": self.hello["tokenSecret"],
            "MODAL_CONFIG_PATH": "/nonexistent/modal.toml",
            "MODAL_DISABLE_API_PROXY": "1",
        }

    async def ask(self, op: str, **fields: object) -> Any:
        """Sends one request of the control channel and gives its result.

        Raises:
            RefusedError: the server refused the request.
        """
        stdin, stdout = _pipes(self.process)
        self.last_id += 1
        request = {"id": self.last_id, "op": op, **fields}
        stdin.write(json.dumps(request).encode() + b"\n")
        answer = json.loads(await stdout.readline())
        if answer["id"] != self.last_id or "error" in answer:
            raise RefusedError(answer)
        return answer["result"]

    async def running(self) -> list[dict[str, Any]]:
        """The sandboxes that have not ended."""
        return [sandbox for sandbox in await self.ask("sandboxes") if sandbox["status"] == "running"]


@asynccontextmanager
async def fake_modal(*arguments: str) -> AsyncGenerator[FakeModal]:
    """Starts a server and ends it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "fake_modal", *arguments),
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE_BYTES,
    )
    stdin, stdout = _pipes(process)
    try:
        yield FakeModal(process, json.loads(await stdout.readline()))
    finally:
        stdin.close()
        code = await asyncio.wait_for(process.wait(), 30)
        if code != 0:
            raise RefusedError(f"the server ended with {code}")


def _pipes(process: asyncio.subprocess.Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    if process.stdin is None or process.stdout is None:
        raise RefusedError("the server has no control channel")
    return process.stdin, process.stdout
