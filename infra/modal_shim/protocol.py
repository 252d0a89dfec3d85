"""JSON-RPC 2.0, one message a line: reading and writing messages, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from .errors import ShimError

RequestId = int | str
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """A call that wants an answer."""

    id: RequestId
    method: str
    params: Params


@dataclass(frozen=True)
class Notification:
    """A message that wants none."""

    method: str
    params: Params


@dataclass(frozen=True)
class Malformed:
    """A line that is neither; its id where one can be told."""

    id: RequestId | None
    error: ShimError


Incoming = Request | Notification | Malformed


def parse_line(line: bytes) -> Incoming:
    """Reads one message."""
    try:
        message = json.loads(line)
    except ValueError:
        return Malformed(None, ShimError("PARSE_ERROR", "a line is not JSON"))
    if not isinstance(message, dict):
        return Malformed(None, ShimError("INVALID_REQUEST", "a message is an object"))
    fields = cast("dict[str, object]", message)
    request_id, method, params = fields.get("id"), fields.get("method"), fields.get("params", {})
    known = request_id if isinstance(request_id, (int, str)) and not isinstance(request_id, bool) else None
    if fields.get("jsonrpc") != "2.0" or not isinstance(method, str) or not isinstance(params, dict):
        return Malformed(
            known, ShimError("INVALID_REQUEST", "jsonrpc, method or params is not as it should be")
        )
    if "id" in fields and known is None:
        return Malformed(None, ShimError("INVALID_REQUEST", "an id is a number or a text"))
    named = cast("Params", params)
    return Notification(method, named) if known is None else Request(known, method, named)


def encode_result(request_id: RequestId, result: object) -> bytes:
    """The line that answers a request."""
    return _line({"id": request_id, "result": result})


def encode_error(request_id: RequestId | None, error: ShimError) -> bytes:
    """The line that refuses a request."""
    return _line({"id": request_id, "error": error.to_json()})


def encode_notification(method: str, params: Params) -> bytes:
    """The line of a notification."""
    return _line({"method": method, "params": params})


def _line(fields: Mapping[str, object]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **fields}, separators=(",", ":")).encode() + b"\n"
