"""Every test runs on both versions of Modal's sandboxes."""

import pytest


@pytest.fixture(params=["v1", "v2"])
def version(request: pytest.FixtureRequest) -> str:
    """The version of sandboxes that the SDK is told to use."""
    return str(request.param)
