"""How the parts of the shim tell the caller something."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

# Sends a notification; waits until the caller's end of the pipe has room for it.
Notify = Callable[[str, Mapping[str, Any]], Awaitable[None]]

CHUNK_BYTES = 256 * 1024


def to_base64(data: bytes) -> str:
    """Bytes as they stand in a message."""
    return base64.b64encode(data).decode("ascii")
