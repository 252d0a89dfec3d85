"""How the parts of the shim tell the caller something."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .errors import ShimError

# Sends a notification; waits until the caller's end of the pipe has room for it.
Notify = Callable[[str, Mapping[str, Any]], Awaitable[None]]

CHUNK_BYTES = 256 * 1024


def from_base64(text: str) -> bytes:
    """Bytes of a message.

    Raises:
        ShimError: INVALID_PARAMS, it is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ShimError("INVALID_PARAMS", "data is not base64") from error


def to_base64(data: bytes) -> str:
    """Bytes as they stand in a message."""
    return base64.b64encode(data).decode("ascii")
