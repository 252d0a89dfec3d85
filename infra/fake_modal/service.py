"""Serves one of Modal's generated services: the calls we honour, and UNIMPLEMENTED for all others."""

import asyncio
from abc import ABCMeta
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from google.protobuf.message import Message
from grpclib.const import Cardinality, Handler, Status
from grpclib.encoding.base import StatusDetailsCodecBase
from grpclib.exceptions import GRPCError
from grpclib.server import Stream
from modal_proto import api_pb2

from .faults import Cut, Delay, Fault, Hang, Refuse
from .world import World

Metadata = Mapping[str, str]
GrpcStream = Stream[Any, Any]
Serve = Callable[[GrpcStream], Awaitable[None]]
Unary = Callable[[Any, Metadata], Awaitable[Message]]
Streaming = Callable[[Any, Metadata], AsyncIterator[Message]]
FromStream = Callable[[AsyncIterator[Any], Metadata], Awaitable[Message]]


@dataclass(frozen=True)
class Calls:
    """The calls a service honours, by what streams: nothing, the answer, or the request."""

    unary: Mapping[str, Unary]
    streaming: Mapping[str, Streaming]
    from_stream: Mapping[str, FromStream]


class Generated(Protocol):
    """A servicer that the protocol compiler generated."""

    def __mapping__(self) -> dict[str, tuple[Serve, Cardinality, type, type]]:
        """Handler, cardinality and message types by path."""
        ...


class RetryPolicyCodec(StatusDetailsCodecBase):
    """Sends the details of a status in the envelope from which the SDK reads its retry policy."""

    def encode(self, status: Status, message: str | None, details: Any) -> bytes:
        """Packs the messages in `details`."""
        envelope = api_pb2.RPCStatus(code=status.value, message=message or "")
        for detail in details or ():
            envelope.details.add().Pack(detail, type_url_prefix="type.modal.com/")
        return envelope.SerializeToString()

    def decode(self, status: Status, message: str | None, data: bytes) -> Any:  # noqa: ARG002
        """Not needed by a server."""
        return None


class Service:
    """Puts call counting, credentials and planned faults in front of the calls of a service."""

    def __init__(
        self,
        base: ABCMeta,
        world: World,
        calls: Calls,
        authorize: Callable[[str, Any, Metadata], None],
    ) -> None:
        names: frozenset[str] = base.__abstractmethods__
        filler = type("Filler", (base,), dict.fromkeys(names, _unimplemented))
        self._generated = cast("Generated", filler())
        self._world = world
        self._calls = calls
        self._authorize = authorize

    def __mapping__(self) -> dict[str, Handler]:
        """Handlers by path, as grpclib asks for them."""
        return {
            path: Handler(self._handler(path.rsplit("/", 1)[1], otherwise), *kinds)
            for path, (otherwise, *kinds) in self._generated.__mapping__().items()
        }

    def _handler(self, rpc: str, otherwise: Serve) -> Serve:
        if call := self._calls.unary.get(rpc):
            return self._serve_unary(rpc, call)
        if call := self._calls.streaming.get(rpc):
            return self._serve_streaming(rpc, call)
        if call := self._calls.from_stream.get(rpc):
            return self._serve_from_stream(rpc, call)
        return otherwise

    def _serve_unary(self, rpc: str, call: Unary) -> Serve:
        async def serve(stream: GrpcStream) -> None:
            request = await stream.recv_message()
            fault, metadata = await self._admit(rpc, stream, request)
            answer = await call(request, metadata)
            if isinstance(fault, Refuse):
                raise refusal(fault)
            await stream.send_message(answer)

        return serve

    def _serve_streaming(self, rpc: str, call: Streaming) -> Serve:
        async def serve(stream: GrpcStream) -> None:
            request = await stream.recv_message()
            fault, metadata = await self._admit(rpc, stream, request)
            sent = 0
            async for message in call(request, metadata):
                await stream.send_message(message)
                sent += message.ByteSize()
                if isinstance(fault, Cut) and sent >= fault.after_bytes:
                    break_connection(stream)
                    return
            if isinstance(fault, Refuse):
                raise refusal(fault)

        return serve

    def _serve_from_stream(self, rpc: str, call: FromStream) -> Serve:
        async def serve(stream: GrpcStream) -> None:
            first: Any = await stream.recv_message()
            fault, metadata = await self._admit(rpc, stream, first.start)

            async def messages() -> AsyncIterator[Any]:
                yield first
                taken = 0
                async for message in stream:
                    yield message
                    taken += message.ByteSize()
                    if isinstance(fault, Cut) and taken >= fault.after_bytes:
                        break_connection(stream)
                        raise GRPCError(Status.UNAVAILABLE, "cut")

            answer = await call(messages(), metadata)
            if isinstance(fault, Refuse):
                raise refusal(fault)
            await stream.send_message(answer)

        return serve

    async def _admit(self, rpc: str, stream: GrpcStream, request: Any) -> tuple[Fault | None, Metadata]:
        """Counts the call, checks its credentials and acts out its fault, as far as that comes first."""
        self._world.calls[rpc] += 1
        sent = cast("Mapping[str, object]", stream.metadata or {})
        metadata = {key: str(value) for key, value in sent.items()}
        self._authorize(rpc, request, metadata)
        fault = self._world.faults.take(rpc, self._sandbox_id(request))
        match fault:
            case Delay():
                await asyncio.sleep(fault.seconds)
            case Hang():
                await asyncio.Event().wait()
            case Refuse(when="before"):
                raise refusal(fault)
            case Cut(after_bytes=0):
                break_connection(stream)
                raise GRPCError(Status.UNAVAILABLE, "cut")
            case _:
                pass
        return fault, metadata

    def _sandbox_id(self, request: Any) -> str | None:
        task = self._world.tasks.get(getattr(request, "task_id", ""))
        return task.id if task is not None else getattr(request, "sandbox_id", None)


def refusal(fault: Refuse) -> GRPCError:
    """The status of a planned refusal, with a retry policy where it has one."""
    details = None
    if fault.retry_after_s is not None:
        details = [api_pb2.RPCRetryPolicy(retry_after_secs=fault.retry_after_s)]
    return GRPCError(fault.status, fault.message, details)


def break_connection(stream: GrpcStream) -> None:
    """Closes the socket below a call, as a network that fails does. grpclib has no public way."""
    stream._stream._transport.abort()  # pyright: ignore[reportPrivateUsage]


async def _unimplemented(_self: object, _stream: GrpcStream) -> None:
    raise GRPCError(Status.UNIMPLEMENTED, "not part of this test server: see CONFORMANCE.md")
