"""No test knows an account: no credentials of the machine, no proxy, no address but loopback."""

from collections.abc import Generator

import pytest

FOREIGN_VARIABLES = (
    *("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET", "MODAL_PROFILE", "MODAL_ENVIRONMENT", "MODAL_SERVER_URL"),
    *("MODAL_PROXY_TOKEN", "GLM5_URL", "GLM5_WEIGHTS", "GLM5_MAX_REPLICAS", "INIT_CWD"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
)


@pytest.fixture(autouse=True, scope="session")
def without_account() -> Generator[None]:
    """Takes away what the SDK and our own programs read from the environment."""
    with pytest.MonkeyPatch.context() as environment:
        for name in FOREIGN_VARIABLES:
            environment.delenv(name, raising=False)
        environment.setenv("MODAL_CONFIG_PATH", "/nonexistent/modal.toml")
        yield
