"""No test knows an account: no credentials of the machine, no address but loopback."""

import pytest


@pytest.fixture(autouse=True)
def without_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes away what the SDK and our own programs read from the environment."""
    for name in ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET", "MODAL_PROFILE", "MODAL_ENVIRONMENT", "MODAL_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODAL_CONFIG_PATH", "/nonexistent/modal.toml")
