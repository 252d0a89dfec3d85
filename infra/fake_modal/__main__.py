"""`python -m fake_modal`: starts the server. Its control channel is stdin; see CONFORMANCE.md."""

import argparse
import asyncio
from pathlib import Path

from .isolation import Bind, choose_isolation
from .server import serve
from .world import World


def main() -> None:
    """Reads the arguments and serves until told to stop."""
    parser = argparse.ArgumentParser(prog="fake_modal", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the control plane; 0 takes a free one")
    parser.add_argument("--isolation", choices=("auto", "namespaces", "none"), default="auto")
    parser.add_argument(
        "--expose",
        action="append",
        default=[],
        type=_bind,
        metavar="HOST[:INSIDE]",
        help="a folder of this machine that every sandbox sees read-only",
    )
    parser.add_argument("--path", help="PATH of every sandbox, as an image would set it")
    arguments = parser.parse_args()
    environment = {} if arguments.path is None else {"PATH": arguments.path}
    asyncio.run(_run(arguments.port, arguments.isolation, arguments.expose, environment))


async def _run(port: int, isolation: str, exposed: list[Bind], environment: dict[str, str]) -> None:
    await serve(World(await choose_isolation(isolation), exposed, environment), port)


def _bind(text: str) -> Bind:
    host, _, inside = text.partition(":")
    folder = str(Path(host).resolve(strict=True))
    return Bind(folder, inside or folder)


main()
