"""The calls of `modal.task_command_router.TaskCommandRouter` that we honour."""

from collections.abc import AsyncIterator
from typing import Any

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from modal_proto import task_command_router_pb2 as pb

from .execs import Exec, ExecRequest
from .local_process import StdinClosed
from .sandbox import Sandbox
from .service import Calls, Metadata
from .world import World


class Router:
    """Runs commands in sandboxes. A task that has ended is NOT_FOUND, as is an exec that is not known."""

    def __init__(self, world: World) -> None:
        self._world = world

    def calls(self) -> Calls:
        """The calls by name."""
        return Calls(
            unary={
                "TaskExecStart": self._start,
                "TaskExecPoll": self._poll,
                "TaskExecWait": self._wait,
                "TaskExecStdinWrite": self._stdin_write,
                "TaskExecStdinStatus": self._stdin_status,
                "SandboxStdinWriteV2": self._sandbox_stdin_write,
            },
            streaming={
                "TaskExecStdioRead": self._stdio_read,
                "SandboxStdioReadV2": self._sandbox_stdio_read,
            },
            from_stream={"TaskExecStdinWriteStream": self._stdin_write_stream},
        )

    def authorize(self, _rpc: str, request: Any, metadata: Metadata) -> None:
        """Checks that the bearer token is the one of the task."""
        token = self._world.router_tokens.get(request.task_id)
        if token is None or metadata.get("authorization") != f"Bearer {token}":
            raise GRPCError(Status.UNAUTHENTICATED, "the router token is not valid for this task")

    async def _start(self, request: pb.TaskExecStartRequest, _: Metadata) -> pb.TaskExecStartResponse:
        sandbox = self._task(request.task_id)
        env = dict(sandbox.env)
        for secret_id in request.secret_ids:
            env |= self._world.secrets.get(secret_id, {})
        env |= request.env
        wanted = ExecRequest(
            argv=list(request.command_args),
            env=env,
            cwd=request.workdir or sandbox.workdir,
            timeout_s=request.timeout_secs if request.HasField("timeout_secs") else None,
            keep_stdout=request.stdout_config == pb.TASK_EXEC_STDOUT_CONFIG_PIPE,
            keep_stderr=request.stderr_config == pb.TASK_EXEC_STDERR_CONFIG_PIPE,
        )
        if not await sandbox.start_exec(request.exec_id, wanted):
            raise GRPCError(Status.NOT_FOUND, "the task has ended")
        return pb.TaskExecStartResponse()

    async def _poll(self, request: pb.TaskExecPollRequest, _: Metadata) -> pb.TaskExecPollResponse:
        code = self._exec(request.task_id, request.exec_id).returncode
        if code is None:
            return pb.TaskExecPollResponse()
        return pb.TaskExecPollResponse(code=code) if code >= 0 else pb.TaskExecPollResponse(signal=-code)

    async def _wait(self, request: pb.TaskExecWaitRequest, _: Metadata) -> pb.TaskExecWaitResponse:
        await self._exec(request.task_id, request.exec_id).process.wait()
        # A sandbox that ended takes its execs along, also for those who wait for them.
        code = self._exec(request.task_id, request.exec_id).returncode or 0
        return pb.TaskExecWaitResponse(code=code) if code >= 0 else pb.TaskExecWaitResponse(signal=-code)

    async def _stdio_read(
        self, request: pb.TaskExecStdioReadRequest, _: Metadata
    ) -> AsyncIterator[pb.TaskExecStdioReadResponse]:
        process = self._exec(request.task_id, request.exec_id).process
        stdout = request.file_descriptor == pb.TASK_EXEC_STDIO_FILE_DESCRIPTOR_STDOUT
        async for chunk in (process.stdout if stdout else process.stderr).read_from(request.offset):
            yield pb.TaskExecStdioReadResponse(data=chunk)
        self._exec(request.task_id, request.exec_id)

    async def _stdin_write(
        self, request: pb.TaskExecStdinWriteRequest, _: Metadata
    ) -> pb.TaskExecStdinWriteResponse:
        process = self._exec(request.task_id, request.exec_id).process
        try:
            await process.write_stdin(request.data, offset=request.offset)
        except StdinClosed as error:
            raise GRPCError(Status.FAILED_PRECONDITION, "standard input is closed") from error
        if request.eof:
            process.close_stdin()
        return pb.TaskExecStdinWriteResponse()

    async def _stdin_write_stream(
        self, messages: AsyncIterator[pb.TaskExecStdinWriteStreamRequest], _: Metadata
    ) -> pb.TaskExecStdinWriteStreamResponse:
        start = (await anext(messages)).start
        process = self._exec(start.task_id, start.exec_id).process
        offset = start.offset
        try:
            async for message in messages:
                if message.WhichOneof("payload") == "end":
                    process.close_stdin()
                else:
                    await process.write_stdin(message.data, offset=offset)
                    offset += len(message.data)
        except StdinClosed as error:
            raise GRPCError(Status.FAILED_PRECONDITION, "standard input is closed") from error
        return pb.TaskExecStdinWriteStreamResponse()

    async def _stdin_status(
        self, request: pb.TaskExecStdinStatusRequest, _: Metadata
    ) -> pb.TaskExecStdinStatusResponse:
        process = self._exec(request.task_id, request.exec_id).process
        return pb.TaskExecStdinStatusResponse(
            num_bytes_written=process.stdin_bytes, closed=process.stdin_closed
        )

    async def _sandbox_stdio_read(
        self, request: pb.SandboxStdioReadV2Request, _: Metadata
    ) -> AsyncIterator[pb.SandboxStdioReadV2Response]:
        room = await self._task(request.task_id, ended=True).ready()
        room = room or self._task(request.task_id, ended=True).room
        if room is None:
            return
        stdout = request.file_descriptor == pb.SANDBOX_STDIO_FILE_DESCRIPTOR_STDOUT
        offset = request.offset
        log = room.entrypoint.stdout if stdout else room.entrypoint.stderr
        async for chunk in log.read_from(offset):
            yield pb.SandboxStdioReadV2Response(data=chunk, starting_offset=offset)
            offset += len(chunk)

    async def _sandbox_stdin_write(
        self, request: pb.SandboxStdinWriteV2Request, _: Metadata
    ) -> pb.SandboxStdinWriteV2Response:
        room = await self._task(request.task_id).ready()
        if room is None:
            raise GRPCError(Status.FAILED_PRECONDITION, "the sandbox has ended")
        await room.entrypoint.write_stdin(request.data, offset=request.offset)
        if request.eof:
            room.entrypoint.close_stdin()
        return pb.SandboxStdinWriteV2Response()

    def _task(self, task_id: str, *, ended: bool = False) -> Sandbox:
        sandbox = self._world.tasks.get(task_id)
        if sandbox is None or (sandbox.result is not None and not ended):
            raise GRPCError(Status.NOT_FOUND, "no such task, or it has ended")
        return sandbox

    def _exec(self, task_id: str, exec_id: str) -> Exec:
        running = self._task(task_id).execs.get(exec_id)
        if running is None:
            raise GRPCError(Status.NOT_FOUND, "no such exec")
        return running
