"""Modal's proxy token: what its proxy wants to see before a request reaches, or wakes up, a container."""

import re
from dataclasses import dataclass, field

_COMBINED = re.compile(r"(?P<key>wk-[^.\s]+)\.(?P<secret>ws-\S+)")


@dataclass(frozen=True)
class ProxyToken:
    """The two halves of a token; the secret half is in no representation."""

    key: str
    secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """As the proxy of a Modal Server documents them."""
        return {"Modal-Key": self.key, "Modal-Secret": self.secret}


def parse_proxy_token(text: str | None) -> ProxyToken | None:
    """Reads the combined form `wk-….ws-…`, which fits where OpenAI clients have their one key."""
    match = _COMBINED.fullmatch((text or "").strip())
    return None if match is None else ProxyToken(match["key"], match["secret"])
