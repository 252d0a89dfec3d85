"""The two servers, the control channel, and the end of it all."""

import asyncio
import json
import shutil
import signal
import socket
import sys

from grpclib.server import Server
from modal_proto.api_grpc import ModalClientBase
from modal_proto.task_command_router_grpc import TaskCommandRouterBase

from .control import answer
from .control_plane import ControlPlane
from .router import Router
from .service import RetryPolicyCodec, Service
from .world import TOKEN_ID, World

HOST = "127.0.0.1"
MAX_LINE_BYTES = 1024 * 1024


async def serve(world: World, port: int) -> None:
    """Serves until stdin closes or SIGTERM or SIGINT comes; then ends every sandbox and its processes.

    Prints one JSON line when ready: `serverUrl`, `routerUrl`, `tokenId`, `tokenSecret`, `isolation`.
    """
    plane, router = ControlPlane(world), Router(world)
    codec = RetryPolicyCodec()
    control_server = Server(
        [Service(ModalClientBase, world, plane.calls(), plane.authorize)], status_details_codec=codec
    )
    router_server = Server(
        [Service(TaskCommandRouterBase, world, router.calls(), router.authorize)], status_details_codec=codec
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        world.router_url = await _start(router_server, 0)
        server_url = await _start(control_server, port)
        _print(
            {
                "serverUrl": server_url,
                "routerUrl": world.router_url,
                "tokenId": TOKEN_ID,
                "tokenSecret": world.token_secret,
                "isolation": world.isolation.name,
            }
        )
        commands = asyncio.create_task(_obey_stdin(world, stop))
        await stop.wait()
        commands.cancel()
    finally:
        await world.reset()
        shutil.rmtree(world.folder, ignore_errors=True)
        control_server.close()
        router_server.close()


async def _obey_stdin(world: World, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line := await reader.readline():
            print(await answer(world, line.decode()), flush=True)
    finally:
        stop.set()


def _print(message: object) -> None:
    print(json.dumps(message), flush=True)


async def _start(server: Server, port: int) -> str:
    listener = socket.create_server((HOST, port))
    await server.start(sock=listener)
    return f"http://{HOST}:{listener.getsockname()[1]}"
