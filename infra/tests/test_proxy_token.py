"""The one form of a proxy token, and that its secret half is not shown."""

import pytest

from proxy_token import ProxyToken, parse_proxy_token


def test_reads_the_combined_form() -> None:
    token = parse_proxy_token(" wk-a1.ws-b2\n")
    assert token == ProxyToken("wk-a1", "ws-b2")
    assert token is not None
    assert token.headers == {"Modal-Key": "wk-a1", "Modal-Secret": "ws-b2"}


@pytest.mark.parametrize("text", [None, "", "wk-a1", "ws-b2.wk-a1", "ak-a1.as-b2", "wk-a1.ws-b2 more"])
def test_everything_else_is_no_token(text: str | None) -> None:
    assert parse_proxy_token(text) is None


def test_hides_the_secret() -> None:
    assert "b2" not in repr(parse_proxy_token("wk-a1.ws-b2"))
