"""Making, finding and ending sandboxes, and the standard streams of their entrypoint."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from google.protobuf.empty_pb2 import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from modal_proto import api_pb2

from .sandbox import Sandbox
from .service import Metadata, Streaming, Unary
from .world import World

PAGE_SIZE = 100


class SandboxCalls:
    """V1 and V2 calls of the same purpose share their answer."""

    def __init__(self, world: World) -> None:
        self._world = world

    def unary(self) -> dict[str, Unary]:
        """The calls by name."""
        return {
            "SandboxCreate": self._create,
            "SandboxCreateV2": self._create_v2,
            "SandboxStdinWrite": self._stdin_write,
            "TaskGetCommandRouterAccess": self._router_access,
            "SandboxGetCommandRouterAccess": self._router_access_v2,
            **_both("SandboxWait", self._wait),
            **_both("SandboxTerminate", self._terminate),
            **_both("SandboxGetTaskId", self._task_id),
            **_both("SandboxList", self._list),
            **_both("SandboxTagsGet", self._tags_get),
            **_both("SandboxTagsSet", self._tags_set),
            **_both("SandboxGetFromName", self._from_name),
        }

    def streaming(self) -> dict[str, Streaming]:
        """The calls with a streamed answer by name."""
        return {"SandboxGetLogs": self._logs}

    async def _create(
        self, request: api_pb2.SandboxCreateRequest, metadata: Metadata
    ) -> api_pb2.SandboxCreateResponse:
        sandbox = self._new_sandbox(request, metadata, {}, v2=False)
        return api_pb2.SandboxCreateResponse(sandbox_id=sandbox.id, metadata=_handle(sandbox))

    async def _create_v2(
        self, request: api_pb2.SandboxCreateV2Request, metadata: Metadata
    ) -> api_pb2.SandboxCreateV2Response:
        sandbox = self._new_sandbox(request, metadata, request.ephemeral_secrets.contents, v2=True)
        access = api_pb2.CommandRouterAccess(
            url=self._world.router_url, jwt=self._world.router_token(sandbox.task_id)
        )
        return api_pb2.SandboxCreateV2Response(
            sandbox_id=sandbox.id,
            task_id=sandbox.task_id,
            metadata=_handle(sandbox),
            command_router_access=access,
        )

    def _new_sandbox(
        self,
        request: api_pb2.SandboxCreateRequest | api_pb2.SandboxCreateV2Request,
        metadata: Metadata,
        env: Mapping[str, str],
        *,
        v2: bool,
    ) -> Sandbox:
        key = metadata.get("x-idempotency-key", "")
        if key in self._world.created_by_key:
            return self._world.sandboxes[self._world.created_by_key[key]]
        self._check(request)
        tags = {tag.tag_name: tag.tag_value for tag in request.tags}
        sandbox = self._world.create(request.app_id, request.definition, tags, env=env, v2=v2)
        if key:
            self._world.created_by_key[key] = sandbox.id
        return sandbox

    def _check(self, request: api_pb2.SandboxCreateRequest | api_pb2.SandboxCreateV2Request) -> None:
        definition = request.definition
        if request.app_id not in self._world.apps.values():
            raise GRPCError(Status.NOT_FOUND, f"no app {request.app_id}")
        if definition.image_id not in self._world.images.values():
            raise GRPCError(Status.NOT_FOUND, f"no image {definition.image_id}")
        for mount in definition.volume_mounts:
            if mount.volume_id not in self._world.volumes.values():
                raise GRPCError(Status.NOT_FOUND, f"no volume {mount.volume_id}")
        running = self._world.running()
        if definition.name and any(
            other.plan.definition.name == definition.name and other.plan.app_id == request.app_id
            for other in running
        ):
            raise GRPCError(Status.ALREADY_EXISTS, f"a sandbox {definition.name} runs already")
        most = self._world.limits.max_sandboxes
        if most is not None and len(running) >= most:
            raise GRPCError(Status.RESOURCE_EXHAUSTED, f"no more than {most} sandboxes at a time")

    async def _wait(
        self, request: api_pb2.SandboxWaitRequest, _metadata: Metadata
    ) -> api_pb2.SandboxWaitResponse:
        sandbox = self._sandbox(request.sandbox_id)
        if sandbox.result is None and request.timeout > 0:
            # Still running after that: the answer says so by having no result.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sandbox.ended.wait(), request.timeout)
        return api_pb2.SandboxWaitResponse(result=sandbox.result, metadata=_handle(sandbox))

    async def _terminate(
        self, request: api_pb2.SandboxTerminateRequest, _metadata: Metadata
    ) -> api_pb2.SandboxTerminateResponse:
        sandbox = self._sandbox(request.sandbox_id)
        existing = sandbox.result
        sandbox.finish(api_pb2.GenericResult.GENERIC_STATUS_TERMINATED)
        return api_pb2.SandboxTerminateResponse(existing_result=existing)

    async def _task_id(
        self, request: api_pb2.SandboxGetTaskIdRequest, _metadata: Metadata
    ) -> api_pb2.SandboxGetTaskIdResponse:
        sandbox = self._sandbox(request.sandbox_id)
        if sandbox.result is not None:
            return api_pb2.SandboxGetTaskIdResponse(task_result=sandbox.result)
        scheduled = sandbox.started.is_set()
        return api_pb2.SandboxGetTaskIdResponse(task_id=sandbox.task_id if scheduled else "")

    async def _router_access(
        self, request: api_pb2.TaskGetCommandRouterAccessRequest, _metadata: Metadata
    ) -> api_pb2.TaskGetCommandRouterAccessResponse:
        sandbox = self._alive(self._world.tasks.get(request.task_id))
        return api_pb2.TaskGetCommandRouterAccessResponse(
            url=self._world.router_url, jwt=self._world.router_token(sandbox.task_id)
        )

    async def _router_access_v2(
        self, request: api_pb2.SandboxGetCommandRouterAccessRequest, _metadata: Metadata
    ) -> api_pb2.SandboxGetCommandRouterAccessResponse:
        by_task = self._world.tasks.get(request.task_id)
        sandbox = self._alive(by_task or self._sandbox(request.sandbox_id))
        return api_pb2.SandboxGetCommandRouterAccessResponse(
            url=self._world.router_url, jwt=self._world.router_token(sandbox.task_id)
        )

    async def _list(
        self, request: api_pb2.SandboxListRequest, _metadata: Metadata
    ) -> api_pb2.SandboxListResponse:
        wanted = {(tag.tag_name, tag.tag_value) for tag in request.tags}
        found = [
            _info(sandbox)
            for sandbox in self._world.running()
            if wanted <= sandbox.tags.items()
            and request.app_id in ("", sandbox.plan.app_id)
            and (not request.before_timestamp or sandbox.created_at < request.before_timestamp)
        ]
        return api_pb2.SandboxListResponse(sandboxes=found[:PAGE_SIZE])

    async def _tags_get(
        self, request: api_pb2.SandboxTagsGetRequest, _metadata: Metadata
    ) -> api_pb2.SandboxTagsGetResponse:
        return api_pb2.SandboxTagsGetResponse(tags=_tags(self._sandbox(request.sandbox_id)))

    async def _tags_set(self, request: api_pb2.SandboxTagsSetRequest, _metadata: Metadata) -> Empty:
        tags = {tag.tag_name: tag.tag_value for tag in request.tags}
        self._sandbox(request.sandbox_id).tags = tags
        return Empty()

    async def _from_name(
        self, request: api_pb2.SandboxGetFromNameRequest, _metadata: Metadata
    ) -> api_pb2.SandboxGetFromNameResponse:
        app_id = self._world.apps.get(request.app_name)
        for sandbox in self._world.running():
            if sandbox.plan.app_id == app_id and sandbox.plan.definition.name == request.sandbox_name:
                return api_pb2.SandboxGetFromNameResponse(sandbox_id=sandbox.id, metadata=_handle(sandbox))
        raise GRPCError(Status.NOT_FOUND, f"no running sandbox {request.sandbox_name}")

    async def _stdin_write(
        self, request: api_pb2.SandboxStdinWriteRequest, _metadata: Metadata
    ) -> api_pb2.SandboxStdinWriteResponse:
        room = await self._sandbox(request.sandbox_id).ready()
        if room is None:
            raise GRPCError(Status.FAILED_PRECONDITION, "the sandbox has ended")
        process = room.entrypoint
        await process.write_stdin(request.input, offset=process.stdin_bytes)
        if request.eof:
            process.close_stdin()
        return api_pb2.SandboxStdinWriteResponse()

    async def _logs(
        self, request: api_pb2.SandboxGetLogsRequest, _metadata: Metadata
    ) -> AsyncIterator[api_pb2.TaskLogsBatch]:
        sandbox = self._sandbox(request.sandbox_id)
        await sandbox.ready()
        if sandbox.room is not None:
            stdout = request.file_descriptor == api_pb2.FILE_DESCRIPTOR_STDOUT
            process = sandbox.room.entrypoint
            position = int(request.last_entry_id or 0)
            async for chunk in (process.stdout if stdout else process.stderr).read_from(position):
                position += len(chunk)
                text = chunk.decode("utf-8", errors="replace")
                entry = api_pb2.TaskLogs(data=text, file_descriptor=request.file_descriptor)
                yield api_pb2.TaskLogsBatch(entry_id=str(position), items=[entry])
        yield api_pb2.TaskLogsBatch(eof=True)

    def _sandbox(self, sandbox_id: str) -> Sandbox:
        sandbox = self._world.sandboxes.get(sandbox_id)
        if sandbox is None:
            raise GRPCError(Status.NOT_FOUND, f"no sandbox {sandbox_id}")
        return sandbox

    def _alive(self, sandbox: Sandbox | None) -> Sandbox:
        if sandbox is None:
            raise GRPCError(Status.NOT_FOUND, "no such task")
        if sandbox.result is not None:
            raise GRPCError(Status.FAILED_PRECONDITION, "the sandbox has ended")
        return sandbox


def _both(name: str, call: Unary) -> dict[str, Unary]:
    return {name: call, f"{name}V2": call}


def _handle(sandbox: Sandbox) -> api_pb2.SandboxHandleMetadata:
    return api_pb2.SandboxHandleMetadata(app_id=sandbox.plan.app_id, result=sandbox.result)


def _tags(sandbox: Sandbox) -> list[api_pb2.SandboxTag]:
    return [api_pb2.SandboxTag(tag_name=name, tag_value=value) for name, value in sandbox.tags.items()]


def _info(sandbox: Sandbox) -> api_pb2.SandboxInfo:
    return api_pb2.SandboxInfo(
        id=sandbox.id,
        created_at=sandbox.created_at,
        app_id=sandbox.plan.app_id,
        task_info=api_pb2.TaskInfo(id=sandbox.task_id, sandbox_id=sandbox.id),
        tags=_tags(sandbox),
        name=sandbox.plan.definition.name,
        metadata=_handle(sandbox),
    )
