"""What can go wrong, as the caller is told: a code, its class, and whether another try may help."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Kind = Literal["invalid", "transient", "gone", "fatal", "cancelled", "bug"]

# Of each code its class. Only what is transient is worth another try of the same request.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "PARSE_ERROR": "invalid",
        "INVALID_REQUEST": "invalid",
        "UNKNOWN_METHOD": "invalid",
        "INVALID_PARAMS": "invalid",
        "SCHEMA_MISMATCH": "fatal",
        "NOT_CONFIGURED": "invalid",
        "MODAL_MISSING": "fatal",
        "UNAUTHENTICATED": "fatal",
        "PERMISSION_DENIED": "fatal",
        "REFUSED": "fatal",
        "IMAGE_FAILED": "fatal",
        "NOT_SUPPORTED": "fatal",
        "RATE_LIMITED": "transient",
        "UNAVAILABLE": "transient",
        "TIMED_OUT": "transient",
        "SANDBOX_NOT_FOUND": "gone",
        "SANDBOX_ENDED": "gone",
        "STREAM_NOT_FOUND": "gone",
        "STDIN_CLOSED": "gone",
        "NOT_FOUND": "gone",
        "FILE_NOT_FOUND": "invalid",
        "FILE_NOT_REGULAR": "invalid",
        "FILE_TOO_LARGE": "invalid",
        "FILE_REFUSED": "invalid",
        "CANCELLED": "cancelled",
        "SHUTTING_DOWN": "cancelled",
        "INTERNAL": "bug",
    }
)

_NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        "PARSE_ERROR": -32700,
        "INVALID_REQUEST": -32600,
        "UNKNOWN_METHOD": -32601,
        "INVALID_PARAMS": -32602,
        "INTERNAL": -32603,
        "CANCELLED": -32800,
    }
)
_OTHER_NUMBER = -32000


class ShimError(Exception):
    """A failure with a code of `KINDS`. Its message is for people and holds no secret."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.kind: Kind = KINDS[code]

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind == "transient"

    def to_json(self) -> dict[str, object]:
        """The error object of a JSON-RPC answer."""
        data = {"code": self.code, "class": self.kind, "retryable": self.retryable}
        return {"code": _NUMBERS.get(self.code, _OTHER_NUMBER), "message": str(self), "data": data}
