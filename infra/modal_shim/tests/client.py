"""A caller of the shim, as the TypeScript side will be one. Checks every message against the schema."""

import asyncio
import base64
import json
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_modal.testing import FakeModal
from modal_shim.json_schema import load_schema, problems

PACKAGES = Path(__file__).parent.parent.parent
MAX_LINE_BYTES = 16 * 1024 * 1024
CREDIT_BYTES = 1024 * 1024
END_TIMEOUT_S = 30
Message = dict[str, Any]


class RefusedError(Exception):
    """The shim answered with an error."""

    def __init__(self, error: Message) -> None:
        super().__init__(error["message"])
        self.code: str = error["data"]["code"]
        self.retryable: bool = error["data"]["retryable"]


class Exec:
    """What came of one command. Gives credit for what it takes."""

    def __init__(self) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.end: asyncio.Future[Message] = asyncio.get_running_loop().create_future()


class Shim:
    """A running shim."""

    fake: FakeModal  # The server it is configured for.

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.execs: dict[str, Exec] = {}
        self.followed: dict[str, bytearray] = {}
        self.follow_ends: dict[str, asyncio.Future[Message]] = {}
        self.notices: deque[tuple[str, Message]] = deque()
        self.grown = asyncio.Condition()
        self.give_credit = True
        self.answers: dict[int, asyncio.Future[Message]] = {}
        self._sent: dict[int, str] = {}
        self._last_id = 0
        self.reading = asyncio.create_task(self._read())

    def send(self, method: str, params: Mapping[str, Any]) -> int:
        """Sends a request and gives its id."""
        self._last_id += 1
        self._sent[self._last_id] = method
        self.answers[self._last_id] = asyncio.get_running_loop().create_future()
        self._write({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    async def answer(self, request_id: int) -> Message:
        """Waits for the answer to a request."""
        return await self.answers[request_id]

    async def call(self, method: str, **params: Any) -> Message:
        """Sends a request and waits for its answer."""
        return await self.answer(self.send(method, params))

    def tell(self, method: str, **params: Any) -> None:
        """Sends a notification."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    async def configure(self, fake: FakeModal, **more: Any) -> Message:
        """Greets and configures it for a server."""
        self.fake = fake
        await self.call("hello", schemaVersion=2, heartbeatMs=100)
        token = {"tokenId": fake.hello["tokenId"], "tokenSecret": fake.hello["tokenSecret"]}
        wanted = {"app": "test", "backend": "v1", "credentials": token, "serverUrl": fake.hello["serverUrl"]}
        return await self.call("configure", **{**wanted, **more})

    async def create(self, **more: Any) -> str:
        """Makes a sandbox and gives its id."""
        wanted = {
            "timeoutMs": 120_000,
            "network": {"kind": "none"},
            "tags": {"run": "r1"},
            "workdir": "/repo",
        }
        return str((await self.call("sandbox.create", **{**wanted, **more}))["sandboxId"])

    async def start(self, sandbox_id: str, *command: str, **more: Any) -> str:
        """Starts a command and gives its id."""
        wanted = {"timeoutMs": 60_000, "creditBytes": CREDIT_BYTES, **more}
        started = await self.call("exec.start", sandboxId=sandbox_id, command=command, **wanted)
        return str(started["execId"])

    async def run(self, sandbox_id: str, script: str, **more: Any) -> tuple[Message, bytes, bytes]:
        """Runs a shell script and gives its end and both streams."""
        exec_id = await self.start(sandbox_id, "sh", "-c", script, **more)
        return await self.finished(exec_id)

    async def finished(self, exec_id: str) -> tuple[Message, bytes, bytes]:
        """Waits for the end of a command and gives it with both streams."""
        run = self.exec(exec_id)
        end = await run.end
        return end, bytes(run.stdout), bytes(run.stderr)

    def exec(self, exec_id: str) -> Exec:
        """What came of a command so far."""
        return self.execs.setdefault(exec_id, Exec())

    async def until(self, method: str, **fields: Any) -> Message:
        """Waits for a notification with these fields, of those not yet waited for."""
        async with self.grown:
            while True:
                for entry in self.notices:
                    if entry[0] == method and fields.items() <= entry[1].items():
                        self.notices.remove(entry)
                        return entry[1]
                await self.grown.wait()

    async def close_stdin(self) -> int:
        """Goes away without a word, and gives the exit code of the shim."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        return await asyncio.wait_for(self.process.wait(), END_TIMEOUT_S)

    def _write(self, message: Message) -> None:
        if self.process.stdin is not None:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        while self.process.stdout is not None and (line := await self.process.stdout.readline()):
            message: Message = json.loads(line)
            if "method" in message:
                await self._notice(message["method"], message["params"])
            else:
                self._take_answer(message)

    def _take_answer(self, message: Message) -> None:
        request_id = message["id"]
        answer = self.answers[request_id]
        schema = load_schema()
        if "error" in message:
            wrong = problems(message["error"], schema["error"])
            answer.set_exception(RefusedError(message["error"]))
        else:
            wrong = problems(message["result"], schema["methods"][self._sent[request_id]]["result"])
            answer.set_result(message["result"])
        if wrong:
            raise ValueError(f"{self._sent[request_id]}: {wrong}")

    async def _notice(self, method: str, params: Message) -> None:
        wrong = problems(params, load_schema()["fromShim"][method])
        if wrong:
            raise ValueError(f"{method}: {wrong}")
        if method == "exec.output":
            run = self.exec(params["execId"])
            self._add(params["execId"], run.stdout if params["stream"] == "stdout" else run.stderr, params)
        elif method == "exec.end":
            self.exec(params["execId"]).end.set_result(params["end"])
        elif method == "file.data":
            self._add(params["followId"], self.followed.setdefault(params["followId"], bytearray()), params)
        if method != "exec.output":
            async with self.grown:
                self.notices.append((method, params))
                self.grown.notify_all()

    def _add(self, stream_id: str, log: bytearray, params: Message) -> None:
        data = base64.b64decode(params["data"])
        log += data
        if self.give_credit:
            self.tell("credit", streamId=stream_id, bytes=len(data))


@asynccontextmanager
async def open_shim(environment: Mapping[str, str] | None = None) -> AsyncGenerator[Shim]:
    """Starts a shim in an environment of its own, and ends it by closing its stdin."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "modal_shim"),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PACKAGES),
            "MODAL_CONFIG_PATH": "/nonexistent/modal.toml",
            **(environment or {}),
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE_BYTES,
    )
    shim = Shim(process)
    try:
        yield shim
    finally:
        if process.returncode is None:
            await shim.close_stdin()
        shim.reading.cancel()
