"""A control plane that writes down what a definition asks Modal for, and says yes to all of it.

The real SDK talks to it over gRPC, so what is recorded is what Modal would get. It runs nothing.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, cast

import modal
from google.protobuf.message import Message
from grpclib import GRPCError, Status, const, server
from modal_proto import api_pb2

SERVICE = "/modal.client.ModalClient/"
BUILDER_VERSION = "2025.06"


class RecordingModal:
    """The requests that arrived, by the name of their method, in order."""

    def __init__(self) -> None:
        self.requests: dict[str, list[Any]] = {}
        self._refused: dict[str, Status] = {}

    def of(self, method: str) -> list[Any]:
        """All requests of a method so far."""
        return self.requests.get(method, [])

    def refuse(self, method: str, status: Status) -> None:
        """From now on answers a method with an error."""
        self._refused[method] = status

    def image_layers(self, image_id: str) -> list[str]:
        """The dockerfile commands of an image, from its base on, and `FILE path` for each file copied."""
        image = self.of("ImageGetOrCreate")[_index(image_id)].image
        below = [line for base in image.base_images for line in self.image_layers(base.image_id)]
        copied = (
            self.of("MountGetOrCreate")[_index(image.context_mount_id)].files
            if image.context_mount_id
            else ()
        )
        return below + list(image.dockerfile_commands) + sorted(f"FILE {file.filename}" for file in copied)

    def answer(self, method: str, request: Message) -> dict[str, object]:
        """Writes a request down; what is returned fills the answer's fields, the rest stay empty."""
        requests = self.requests.setdefault(method, [])
        requests.append(request)
        if method in self._refused:
            raise GRPCError(self._refused[method], "refused by the test")
        return _ANSWERS.get(method, lambda _request, _number: {})(request, len(requests))


_ANSWERS: dict[str, Callable[[Any, int], dict[str, object]]] = {
    "AppGetByDeploymentName": lambda _r, _n: {},
    "AppCreate": lambda _r, _n: {"app_id": "ap-1"},
    "AppGetOrCreate": lambda _r, _n: {"app_id": "ap-1"},
    "AppPublish": lambda _r, _n: {"url": "http://recorded.invalid/app"},
    "EnvironmentGetOrCreate": lambda _r, _n: {
        "environment_id": "en-1",
        "metadata": api_pb2.EnvironmentMetadata(
            name="main", settings=api_pb2.EnvironmentSettings(image_builder_version=BUILDER_VERSION)
        ),
    },
    "ImageGetOrCreate": lambda _r, n: {
        "image_id": f"im-{n}",
        "result": api_pb2.GenericResult(status=api_pb2.GenericResult.GENERIC_STATUS_SUCCESS),
        "metadata": api_pb2.ImageMetadata(image_builder_version=BUILDER_VERSION),
    },
    "VolumeGetOrCreate": lambda r, n: {
        "volume_id": f"vo-{n}",
        "version": r.version,
        "metadata": api_pb2.VolumeMetadata(version=r.version, name=r.deployment_name),
    },
    "MountPutFile": lambda _r, _n: {"exists": True},
    "MountGetOrCreate": lambda _r, n: {"mount_id": f"mo-{n}"},
    "FunctionPrecreate": lambda r, n: {"function_id": f"fu-{n}", "handle_metadata": _handle(r.function_name)},
    "FunctionCreate": lambda r, _n: {
        "function_id": r.existing_function_id,
        "handle_metadata": _handle(r.function.function_name),
    },
    "FunctionGet": lambda r, n: {"function_id": f"fu-{n}", "handle_metadata": _handle(r.object_tag)},
    "ClassCreate": lambda _r, n: {"class_id": f"cs-{n}"},
}


def _index(object_id: str) -> int:
    return int(object_id.split("-")[1]) - 1


def _handle(name: str) -> api_pb2.FunctionHandleMetadata:
    return api_pb2.FunctionHandleMetadata(
        function_name=name, _experimental_flash_urls=["https://recorded.invalid/"]
    )


class _Service:
    """Serves every method of the control plane by its declared types."""

    def __init__(self, recording: RecordingModal) -> None:
        self._recording = recording

    def __mapping__(self) -> dict[str, const.Handler]:
        return {path: self._handler(path, declared) for path, declared in _declared_methods().items()}

    def _handler(self, path: str, declared: const.Handler) -> const.Handler:
        async def respond(stream: Any) -> None:
            request = await stream.recv_message()
            fields = self._recording.answer(path.removeprefix(SERVICE), request)
            await stream.send_message(declared.reply_type(**fields))

        return const.Handler(respond, declared.cardinality, declared.request_type, declared.reply_type)


def _declared_methods() -> dict[str, const.Handler]:
    # The generated service names its types only in the mapping of an instance; its methods are never called.
    from modal_proto.api_grpc import ModalClientBase  # noqa: PLC0415

    methods = dict.fromkeys(ModalClientBase.__abstractmethods__)
    return type("Declared", (ModalClientBase,), methods)().__mapping__()


class Recorded(NamedTuple):
    """A recording, and how to reach what makes it."""

    recording: RecordingModal
    client: modal.Client
    url: str


@contextlib.contextmanager
def recording_modal() -> Generator[Recorded]:
    """Serves on a free port of loopback, with a client of the real SDK that talks to it."""
    recording = RecordingModal()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    serving = asyncio.run_coroutine_threadsafe(_start(recording, listening), loop).result()
    client = modal.Client(url, api_pb2.CLIENT_TYPE_CLIENT, ("ak-recorded", "as-recorded"))
    try:
        with cast("contextlib.AbstractContextManager[modal.Client]", client) as opened:
            yield Recorded(recording, opened, url)
    finally:
        asyncio.run_coroutine_threadsafe(_close(serving), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(recording: RecordingModal, listening: socket.socket) -> server.Server:
    # A server belongs to the loop it is made in.
    serving = server.Server([cast("Any", _Service(recording))])
    await serving.start(sock=listening)
    return serving


async def _close(serving: server.Server) -> None:
    serving.close()
    await serving.wait_closed()
