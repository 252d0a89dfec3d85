"""Real processes: a server that comes up, one that does not, and what remains of them."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from server_process import ServerStartError, start_server, stop_server, wait_until_healthy

GENEROUS_SECONDS = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_returns_when_the_server_answers() -> None:
    port = free_port()
    process = start_server(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], os.environ
    )
    try:
        wait_until_healthy(process, f"http://127.0.0.1:{port}/", GENEROUS_SECONDS)
    finally:
        stop_server(process, GENEROUS_SECONDS)
    assert process.returncode is not None


def test_a_server_that_ends_is_not_waited_for() -> None:
    process = start_server([sys.executable, "-c", "raise SystemExit(7)"], os.environ)
    with pytest.raises(ServerStartError, match="ended with exit code 7"):
        wait_until_healthy(process, f"http://127.0.0.1:{free_port()}/", GENEROUS_SECONDS)


def test_a_server_that_is_never_healthy_is_given_up() -> None:
    process = start_server([sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    try:
        with pytest.raises(ServerStartError, match="not healthy after 0 s"):
            wait_until_healthy(process, f"http://127.0.0.1:{free_port()}/", 0)
    finally:
        stop_server(process, GENEROUS_SECONDS)


def test_ends_what_the_server_started_and_what_does_not_listen(tmp_path: Path) -> None:
    # As SGLang: the child of a child computes, and is deaf to the polite signal.
    child = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
    parent = f"""
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE)
child.stdout.readline()
pathlib.Path({str(tmp_path / "child")!r}).write_text(str(child.pid))
child.wait()
"""
    process = start_server([sys.executable, "-c", parent], os.environ)
    deadline = time.monotonic() + GENEROUS_SECONDS
    while not (tmp_path / "child").is_file() or (tmp_path / "child").read_text(encoding="utf-8") == "":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child_id = int((tmp_path / "child").read_text(encoding="utf-8"))
    stop_server(process, GENEROUS_SECONDS)
    while is_alive(child_id) and time.monotonic() < deadline:  # until init has buried it
        time.sleep(0.02)
    assert not is_alive(child_id)
