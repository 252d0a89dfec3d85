"""Identifiers in the shapes the SDK tells apart.

The SDK takes `sb-` and exactly 22 base-62 characters for a V1 sandbox and anything else for V2, and
takes a task id that ends in `V` for a V2 task.
"""

import secrets
import string

_BASE62 = string.digits + string.ascii_letters
_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str) -> str:
    """An id such as `ap-` and 22 base-62 characters."""
    return f"{prefix}-{_random(_BASE62, 22)}"


def new_sandbox_id(*, v2: bool) -> str:
    """An id of the shape from which the SDK infers the sandbox version."""
    return f"sb-{_random(_ULID, 26)}" if v2 else new_id("sb")


def new_task_id(*, v2: bool) -> str:
    """An id whose last character tells V2 tasks from V1 ones."""
    return f"ta-{_random(_BASE62, 21)}{'V' if v2 else '0'}"


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
