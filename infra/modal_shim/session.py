"""The methods that need an account: sandboxes, commands, files."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from . import shell
from .creator import CreateLimits, Creator
from .errors import ShimError
from .exec_session import Started
from .fleet import Fleet
from .follow_session import FollowSession
from .outbox import Notify, from_base64, to_base64
from .provider import Cloud, Sandbox, SandboxSpec
from .sandbox_entry import SandboxEntry
from .specs import launch_of, limits_of, spec_of, to_seconds
from .supervisor import Supervisor

Params = Mapping[str, Any]
Method = Callable[[Params], Awaitable[Mapping[str, Any]]]
DEFAULT_SUPERVISE_MS = 10_000
DEFAULT_CALLS = 16
DEFAULT_START_MS = 300_000
# Room for what tar complains about.
SHORT_OUTPUT_BYTES = 1024 * 1024
T = TypeVar("T")


class Session:
    """One configured account. `close` ends all that the shim does for it."""

    def __init__(self, cloud: Cloud, params: Params, notify: Notify) -> None:
        limits: Params = params.get("limits", {})
        self.cloud = cloud
        self._tags: Mapping[str, str] = params.get("tags", {})
        self._calls = asyncio.Semaphore(limits.get("concurrentCalls", DEFAULT_CALLS))
        start_timeout_s = limits.get("startTimeoutMs", DEFAULT_START_MS) / 1000
        self.fleet = Fleet(notify, start_timeout_s, self._check)
        self._supervisor = Supervisor(cloud, self.fleet, self._tags, self._calls)
        pace: CreateLimits = limits_of(params)
        self._creator = Creator(cloud, pace, self._record, self._discard)
        self.leave: bool = params.get("onDisconnect", "leave") == "leave"
        self.fleet.spawn(self._supervisor.run(params.get("superviseMs", DEFAULT_SUPERVISE_MS) / 1000))

    def methods(self) -> Mapping[str, Method]:
        """The methods by name."""
        return {
            "sandbox.create": self._create,
            "sandbox.attach": self._attach,
            "sandbox.poll": self._poll,
            "sandbox.list": self._list,
            "sandbox.setTags": self._set_tags,
            "sandbox.renew": self._renew,
            "sandbox.detach": self._detach,
            "sandbox.terminate": self._terminate,
            "exec.start": self._exec_start,
            "exec.stdin": self._exec_stdin,
            "exec.signal": self._exec_signal,
            "exec.wait": self._exec_wait,
            "file.read": self._file_read,
            "file.write": self._file_write,
            "file.follow": self._file_follow,
            "file.unfollow": self._file_unfollow,
            "tree.upload": self._tree_upload,
            "tree.download": self._tree_download,
        }

    async def close(self, *, leave: bool) -> int:
        """Ends what is under way, and the sandboxes unless they are to be left; gives the number of those."""
        await self._creator.settle()
        ended = 0
        if not leave:
            ids = list(self.fleet.entries)
            results = await asyncio.gather(*map(self._end, ids), return_exceptions=True)
            ended = sum(not isinstance(result, BaseException) for result in results)
        await self.fleet.close()
        return ended

    async def _create(self, params: Params) -> Mapping[str, Any]:
        made = await self._creator.create(spec_of(params, self._tags))
        return {"sandboxId": made.id}

    async def _record(self, made: Sandbox, spec: SandboxSpec) -> None:
        self.fleet.hold(made)
        await self.fleet.notify("sandbox.created", {"sandboxId": made.id, "tags": spec.tags})

    async def _discard(self, made: Sandbox) -> None:
        await self._end(made.id)

    async def _attach(self, params: Params) -> Mapping[str, Any]:
        sandbox_id = params["sandboxId"]
        held = self.fleet.entries.get(sandbox_id)
        async with self._calls:
            handle = held.handle if held else await _found(self.cloud.attach(sandbox_id))
            code = await _found(handle.poll())
        if code is None:
            self.fleet.hold(handle)
        return _state(sandbox_id, code)

    async def _poll(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        async with self._calls:
            return _state(entry.handle.id, await _found(entry.handle.poll()))

    async def _list(self, params: Params) -> Mapping[str, Any]:
        found = await self.cloud.list(params["tags"])
        tags = await asyncio.gather(*map(self._tags_of, found))
        listed = zip(found, tags, strict=True)
        return {
            "sandboxes": [
                {"sandboxId": sandbox.id, "tags": its} for sandbox, its in listed if its is not None
            ]
        }

    async def _tags_of(self, sandbox: Sandbox) -> Mapping[str, str] | None:
        """None for one that has ended since it was listed."""
        async with self._calls:
            try:
                return await sandbox.tags()
            except ShimError as error:
                if error.code == "NOT_FOUND":
                    return None
                raise

    async def _set_tags(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        async with self._calls:
            await _found(entry.handle.set_tags(params["tags"]))
        return {}

    async def _renew(self, params: Params) -> Mapping[str, Any]:
        raise ShimError(
            "NOT_SUPPORTED",
            f"the lifetime of {params['sandboxId']} was fixed when it was made; Modal cannot change it",
        )

    async def _detach(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        await self.fleet.release(entry.handle.id, ShimError("STREAM_NOT_FOUND", "the sandbox was detached"))
        await entry.handle.detach()
        return {}

    async def _terminate(self, params: Params) -> Mapping[str, Any]:
        await self._end(params["sandboxId"])
        return {}

    async def _end(self, sandbox_id: str) -> None:
        entry = self.fleet.entries.get(sandbox_id)
        try:
            ending = entry or await self.cloud.attach(sandbox_id)
        except ShimError as error:
            if error.code == "NOT_FOUND":
                return
            raise
        await ending.terminate()
        await self.fleet.release(sandbox_id, ShimError("SANDBOX_ENDED", f"{sandbox_id} was terminated"))

    async def _exec_start(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        return await self._start(entry, params["command"], params)

    async def _start(self, entry: SandboxEntry, argv: list[str], params: Params) -> Mapping[str, Any]:
        timeout_s = to_seconds(params["timeoutMs"])
        sent_at = time.monotonic()
        starting = entry.run_group(launch_of(argv, params), timeout_s=timeout_s)
        exec_id, wrapped, process = await self._inside(entry, starting)
        started = Started(exec_id, entry, process, wrapped, timeout_s, sent_at)
        self.fleet.start_exec(started, params["creditBytes"])
        return {"execId": exec_id}

    async def _exec_stdin(self, params: Params) -> Mapping[str, Any]:
        session = self.fleet.exec(params["execId"])
        data = from_base64(params.get("data", ""))
        await session.write_stdin(data, eof=params.get("eof", False))
        return {}

    async def _exec_signal(self, params: Params) -> Mapping[str, Any]:
        session = self.fleet.execs.get(params["execId"])
        if session is None:
            return {"delivered": False}
        entry, wrapped = session.started.entry, session.started.wrapped
        # By force all of it ends, also the shell around it, which the command may have stopped.
        kills = params["signal"] == "KILL" and wrapped.label != ""
        sending = entry.kill(wrapped) if kills else entry.signal(wrapped.record, params["signal"])
        return {"delivered": await self._inside(entry, sending)}

    async def _exec_wait(self, params: Params) -> Mapping[str, Any]:
        return await self.fleet.wait_exec(params["execId"])

    async def _file_read(self, params: Params) -> Mapping[str, Any]:
        path, most = params["path"], params["maxBytes"]
        entry = self.fleet.entry(params["sandboxId"])
        reading = entry.run_script(shell.read_file(path, most + 1), most_bytes=most + 1)
        code, data, stderr = await self._inside(entry, reading)
        if code == shell.FILE_MISSING:
            raise ShimError("FILE_NOT_FOUND", f"{path} does not exist")
        if code == shell.FILE_ODD:
            raise ShimError("FILE_NOT_REGULAR", f"{path} is no regular file")
        if code != 0:
            raise ShimError("FILE_REFUSED", f"{path} cannot be read: {stderr.decode(errors='replace')}")
        if len(data) > most:
            raise ShimError("FILE_TOO_LARGE", f"{path} is larger than {most} bytes")
        return {"data": to_base64(data)}

    async def _file_write(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        data = from_base64(params["data"])
        await self._inside(entry, entry.handle.write_file(params["path"], data))
        return {}

    async def _file_follow(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        session = FollowSession(entry, params["path"], params["fromByte"])
        self.fleet.start_follow(session, params["creditBytes"])
        return {"followId": session.id}

    async def _file_unfollow(self, params: Params) -> Mapping[str, Any]:
        session = self.fleet.follows.get(params["followId"])
        if session is not None:
            session.unfollow()
        return {}

    async def _tree_upload(self, params: Params) -> Mapping[str, Any]:
        wanted = {**params, "stdin": True, "creditBytes": SHORT_OUTPUT_BYTES}
        entry = self.fleet.entry(params["sandboxId"])
        return await self._start(entry, list(shell.unpack(params["path"])), wanted)

    async def _tree_download(self, params: Params) -> Mapping[str, Any]:
        entry = self.fleet.entry(params["sandboxId"])
        return await self._start(entry, list(shell.pack(params["path"])), params)

    async def _inside(self, entry: SandboxEntry, work: Awaitable[T]) -> T:
        """Does something in a sandbox. One that turns out to be gone is looked into."""
        try:
            return await work
        except ShimError as error:
            if error.kind != "gone":
                raise
            self.fleet.spawn(self._check(entry.handle.id))
            raise ShimError("SANDBOX_ENDED", f"{entry.handle.id}: {error}") from error

    async def _check(self, sandbox_id: str) -> None:
        await self._supervisor.check(sandbox_id)


async def _found(call: Awaitable[T]) -> T:
    try:
        return await call
    except ShimError as error:
        if error.code == "NOT_FOUND":
            raise ShimError("SANDBOX_NOT_FOUND", str(error)) from error
        raise


def _state(sandbox_id: str, code: int | None) -> Mapping[str, Any]:
    ended = {} if code is None else {"exitCode": code}
    return {"sandboxId": sandbox_id, "running": code is None, **ended}
