"""A server as a child process: in a group of its own, watched until healthy, ended with all it started."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from http import HTTPStatus

POLL_SECONDS = 1.0
PROBE_SECONDS = 5.0

_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""A proxy of the environment is no way to a process of this machine."""


class ServerStartError(RuntimeError):
    """The server ended, or was not healthy in time."""


def start_server(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts a server whose output is this process's, in a process group of its own."""
    return subprocess.Popen(command, env=dict(env), stdin=subprocess.DEVNULL, start_new_session=True)


def wait_until_healthy(process: subprocess.Popen[bytes], url: str, timeout_seconds: float) -> None:
    """Returns when a GET of the address answers 200.

    Raises:
        ServerStartError: The process ended, or the time is over; the process is left to the caller.
    """
    deadline = time.monotonic() + timeout_seconds
    while not _is_healthy(url):
        if (code := process.poll()) is not None:
            raise ServerStartError(f"the server ended with exit code {code} before it was healthy")
        if time.monotonic() >= deadline:
            raise ServerStartError(f"the server was not healthy after {timeout_seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def stop_server(process: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """Ends the server and everything in its group: politely, then by force."""
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace_seconds)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _is_healthy(url: str) -> bool:
    try:
        with _LOCAL.open(url, timeout=PROBE_SECONDS) as answer:
            return answer.status == HTTPStatus.OK
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
