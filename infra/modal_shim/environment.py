"""What the shim lets through of the environment it was started with."""

from collections.abc import Mapping, MutableMapping

from .provider import Credentials

_ALLOWED = frozenset(
    {
        *("PATH", "HOME", "TMPDIR", "LANG", "TZ", "PYTHONPATH", "VIRTUAL_ENV"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("MODAL_CONFIG_PATH", "MODAL_PROFILE", "MODAL_ENVIRONMENT", "MODAL_SERVER_URL"),
        *("MODAL_DISABLE_API_PROXY", "MODAL_LOGLEVEL"),
    }
)
_TOKENS = ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET")


def credentials_of(environment: Mapping[str, str]) -> Credentials | None:
    """The credentials that the environment holds, if both halves are there."""
    token_id, token_secret = (environment.get(name) for name in _TOKENS)
    return Credentials(token_id, token_secret) if token_id and token_secret else None


def scrub(environment: MutableMapping[str, str]) -> None:
    """Removes everything that is not needed: the SDK reports some of it, and nothing inherits the rest."""
    for name in list(environment):
        if name not in _ALLOWED:
            del environment[name]
