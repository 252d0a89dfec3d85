"""The checks for real Modal, run against our own server of its services: that they pass, and can fail."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Generator

import modal
import pytest
from modal_proto import api_pb2

from live_checks import CheckError, Place, check_basic, check_full, require, run_in, sandbox_of
from sandbox_image import REPOSITORY

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("fake_modal") is None, reason="infra/fake_modal is not there yet"
)


@pytest.fixture(scope="module")
def place() -> Generator[Place]:
    """An app and an image of the fake, which takes every image for this machine."""
    server = subprocess.Popen(
        [sys.executable, "-m", "fake_modal"],
        cwd=REPOSITORY / "infra",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    try:
        said = json.loads(server.stdout.readline())
        client = modal.Client(
            said["serverUrl"], api_pb2.CLIENT_TYPE_CLIENT, (said["tokenId"], said["tokenSecret"])
        )
        client.__enter__()
        app = modal.App.lookup("checks", create_if_missing=True, client=client)
        image = modal.Image.debian_slim(python_version="3.12").build(app)
        yield Place(app=app, image=image, client=client)
        client.__exit__(None, None, None)
    finally:
        server.communicate()


def test_basic_passes(place: Place) -> None:
    assert "attaching again" in check_basic(place)


def test_full_passes(place: Place) -> None:
    assert "imported with fsck" in check_full(place)


def test_a_command_that_fails_is_named_with_its_last_words(place: Place) -> None:
    with sandbox_of(place, network=True) as sandbox:
        with pytest.raises(CheckError, match=r"ended with 3: no such thing"):
            require(sandbox, "echo 'no such thing' >&2; exit 3")
        assert run_in(sandbox, "cat", b"in").stdout == b"in"


def test_a_sandbox_is_ended_when_its_check_fails(place: Place) -> None:
    with pytest.raises(CheckError), sandbox_of(place, network=True) as sandbox:
        require(sandbox, "false")
    listed = modal.Sandbox.list(app_id=place.app.app_id, client=place.client)
    assert sandbox.object_id not in [each.object_id for each in listed]
