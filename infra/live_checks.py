"""What a person with an account can have checked on real Modal: the image, sandboxes, a whole attempt's way.

Each check starts what it needs, says what it saw, and leaves nothing running, whatever happens. Tests run
the same checks against `fake_modal`, which proves the checks, not Modal.
"""

import secrets
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import modal

from sandbox_image import WORKER_MAIN

LIFETIME_SECONDS = 600
"""The net under a check that is killed: Modal ends the sandbox by itself."""

COMMAND_SECONDS = 120
CHECK_TAG = "agentswarm-check"
CPU_CORES = (0.5, 2.0)
MEMORY_MIB = (512, 2048)
NOT_TEXT = bytes(range(256)) * 8

TOOLS = ("git", "rg", "jq", "node", "npm", "pnpm", "python3", "curl")


class CheckError(AssertionError):
    """Something is not as it should be; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where sandboxes are made: an app of the account, and the image they start from."""

    app: modal.App
    image: modal.Image
    client: modal.Client | None = None


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command in a sandbox ended."""

    code: int
    stdout: bytes
    stderr: bytes


@contextmanager
def sandbox_of(place: Place, *, network: bool) -> Generator[modal.Sandbox]:
    """A sandbox with a tag of its own, terminated at the end."""
    sandbox = modal.Sandbox.create(
        "sleep",
        "infinity",
        app=place.app,
        image=place.image,
        client=place.client,
        timeout=LIFETIME_SECONDS,
        cpu=CPU_CORES,
        memory=MEMORY_MIB,
        block_network=not network,
        tags={CHECK_TAG: secrets.token_hex(8)},
    )
    try:
        yield sandbox
    finally:
        sandbox.terminate()


def run_in(sandbox: modal.Sandbox, command: str, stdin: bytes | None = None) -> Ended:
    """Runs a shell command to its end."""
    process = sandbox.exec("sh", "-c", command, timeout=COMMAND_SECONDS, text=False)
    if stdin is not None:
        process.stdin.write(stdin)
    process.stdin.write_eof()
    process.stdin.drain()
    stdout, stderr = process.stdout.read(), process.stderr.read()
    return Ended(code=process.wait(), stdout=stdout, stderr=stderr)


def require(sandbox: modal.Sandbox, command: str, stdin: bytes | None = None) -> bytes:
    """Runs a shell command that has to succeed, and returns its output.

    Raises:
        CheckError: It ended with another code than 0.
    """
    ended = run_in(sandbox, command, stdin)
    if ended.code != 0:
        raise CheckError(
            f"{command!r} ended with {ended.code}: {ended.stderr[-500:].decode('utf-8', 'replace')}"
        )
    return ended.stdout


def check_image(place: Place) -> str:
    """The image has every tool and the worker, installs development dependencies, and knows no person.

    Raises:
        CheckError: The first of these that does not hold.
    """
    with sandbox_of(place, network=True) as sandbox:
        for tool in TOOLS:
            require(sandbox, f"{tool} --version")
        _expect(run_in(sandbox, "printenv NODE_ENV").code, 1, "NODE_ENV is set")
        _expect(run_in(sandbox, "git config --get user.email").code, 1, "git knows a person")
        _expect(run_in(sandbox, f"node {WORKER_MAIN}", b"").code, 2, "the worker does not start")
        require(
            sandbox,
            "mkdir /tmp/dev && cd /tmp/dev && npm init -y >/dev/null"
            " && npm install --save-dev --no-audit --no-fund is-number@7.0.0 >/dev/null"
            " && rm -rf node_modules && npm ci >/dev/null && node -e \"require('is-number')\"",
        )
        versions = require(sandbox, "node --version && pnpm --version").decode().split()
    return f"every tool, Node {versions[0]}, pnpm {versions[1]}, the worker, development dependencies"


def check_basic(place: Place) -> str:
    """A sandbox runs commands, keeps streams apart, carries bytes, is found again, and is gone after its end.

    Raises:
        CheckError: The first of these that does not hold.
    """
    with sandbox_of(place, network=False) as sandbox:
        ended = run_in(sandbox, "echo out; echo err >&2; exit 7")
        _expect((ended.code, ended.stdout, ended.stderr), (7, b"out\n", b"err\n"), "exit code or streams")
        _expect(require(sandbox, "cat", NOT_TEXT), NOT_TEXT, "bytes through stdin and stdout")
        sandbox.filesystem.write_bytes(NOT_TEXT, "/tmp/bytes")  # noqa: S108 - of the sandbox
        _expect(sandbox.filesystem.read_bytes("/tmp/bytes"), NOT_TEXT, "bytes through a file")  # noqa: S108
        again = modal.Sandbox.from_id(sandbox.object_id, client=place.client)
        _expect(require(again, "wc -c < /tmp/bytes").strip(), b"2048", "a command after attaching again")
        if run_in(sandbox, "node -e \"fetch('https://example.org')\"").code == 0:
            raise CheckError("a sandbox without network reached one")
        tags = sandbox.get_tags()
        _expect(_found(place, tags), [sandbox.object_id], "listed by its tag")
    _expect(_found(place, tags), [], "listed after its end")
    return "commands, streams, files, attaching again, no network, tags, end"


def check_full(place: Place) -> str:
    """Work goes the way of an attempt: a bundle in, a commit without credentials, a bundle out, imported.

    Raises:
        CheckError: The commit that came back is not the one that was made, or not on its base.
    """
    with (
        tempfile.TemporaryDirectory(prefix="agentswarm-check-") as folder,
        sandbox_of(place, network=False) as sandbox,
    ):
        host = Path(folder)
        base = _make_repository(host)
        sandbox.filesystem.write_bytes((host / "in.bundle").read_bytes(), "/tmp/in.bundle")  # noqa: S108
        made = require(
            sandbox,
            "cd /tmp && git clone --quiet in.bundle work -b main && cd work"
            " && git checkout --quiet -b worker/check && echo done > result.txt && git add result.txt"
            " && git -c user.name=Check -c user.email=check@example.invalid commit --quiet -m 'Add a result'"
            " && git bundle create --quiet /tmp/out.bundle main..worker/check && git rev-parse HEAD",
        ).decode()
        (host / "out.bundle").write_bytes(sandbox.filesystem.read_bytes("/tmp/out.bundle"))  # noqa: S108
        refs = "refs/heads/worker/check:refs/heads/worker/check"
        _git(host, "-c", "transfer.fsckObjects=true", "fetch", "--quiet", "../out.bundle", refs)
        _expect(_git(host, "rev-parse", "worker/check"), made.strip(), "the commit that came back")
        _expect(_git(host, "rev-parse", "worker/check^"), base, "the base of the commit")
    return "bundle in, commit, bundle out, imported with fsck"


def _make_repository(host: Path) -> str:
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", "repository"], cwd=host, check=True)
    identity = ("-c", "user.name=Check", "-c", "user.email=check@example.invalid")
    _git(host, *identity, "commit", "--quiet", "--allow-empty", "-m", "Start")
    _git(host, "bundle", "create", "--quiet", "../in.bundle", "main")
    return _git(host, "rev-parse", "main")


def _git(host: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=host / "repository", check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _found(place: Place, tags: dict[str, str]) -> list[str]:
    listed = modal.Sandbox.list(app_id=place.app.app_id, tags=tags, client=place.client)
    return [sandbox.object_id for sandbox in listed]


def _expect(actual: object, expected: object, what: str) -> None:
    if actual != expected:
        raise CheckError(f"{what}: {str(actual)[:200]} instead of {str(expected)[:200]}")
