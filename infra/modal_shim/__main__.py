"""`python -m modal_shim`: serves one caller on stdin and stdout until it says shutdown or goes away."""

import asyncio
import logging
import os
import resource
import signal
import sys

from .connection import MAX_LINE_BYTES, Connection
from .environment import credentials_of, scrub
from .provider import Account, Cloud
from .service import Service

MANY_FILES = 65_536


async def _open_cloud(account: Account) -> Cloud:
    # Half a second that the greeting need not wait for.
    from .modal_cloud import open_cloud  # noqa: PLC0415

    return await open_cloud(account)


async def serve() -> None:
    """Runs the conversation, then ends it: as asked, or as configured when the caller just went away."""
    loop = asyncio.get_running_loop()
    connection = Connection(*await _open_pipes(loop))
    service = connection.service = Service(connection.notify, _open_cloud, credentials_of(os.environ))
    scrub(os.environ)
    serving = asyncio.create_task(connection.serve())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    await asyncio.wait([serving])
    await service.close()
    if not serving.cancelled():
        serving.result()


async def _open_pipes(
    loop: asyncio.AbstractEventLoop,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # Only the protocol may write to stdout: whatever prints goes to stderr.
    protocol_fd = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(protocol_fd, "wb")
    )
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


def _allow_many_sockets() -> None:
    """Every sandbox has a connection of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    bounded = hard != resource.RLIM_INFINITY and hard < MANY_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard if bounded else MANY_FILES), hard))


logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
_allow_many_sockets()
asyncio.run(serve())
