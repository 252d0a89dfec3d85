"""The shim behaves the same on both versions of Modal's sandboxes: V2 in part, in full with TEST_DEEP."""

import os

import pytest


@pytest.fixture(params=["v1", "v2"] if os.environ.get("TEST_DEEP") else ["v1"])
def backend(request: pytest.FixtureRequest) -> str:
    """The version of sandboxes that the shim is configured for."""
    return str(request.param)
