"""The parts that need no process: messages, schema, credit, pace, command lines, classes of failures."""

import asyncio
import builtins
import json

import pytest
from modal import exception

from modal_shim.credit import CreditWindow
from modal_shim.environment import credentials_of, scrub
from modal_shim.errors import KINDS, ShimError
from modal_shim.json_schema import load_schema, problems
from modal_shim.modal_cloud import translated
from modal_shim.pacing import TokenBucket, backoff_s
from modal_shim.protocol import Malformed, Notification, Request, encode_error, encode_result, parse_line
from modal_shim.shell import Launch, wrap
from modal_shim.specs import spec_of, to_seconds


def test_messages_are_told_apart() -> None:
    request = b'{"jsonrpc":"2.0","id":7,"method":"hello","params":{"a":1}}'
    assert parse_line(request) == Request(7, "hello", {"a": 1})
    assert parse_line(b'{"jsonrpc":"2.0","method":"credit"}') == Notification("credit", {})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "PARSE_ERROR"),
        (b"\xff", "PARSE_ERROR"),
        (b"[]", "INVALID_REQUEST"),
        (b'{"jsonrpc":"1.0","id":1,"method":"x"}', "INVALID_REQUEST"),
        (b'{"jsonrpc":"2.0","id":true,"method":"x"}', "INVALID_REQUEST"),
        (b'{"jsonrpc":"2.0","id":1,"method":"x","params":[]}', "INVALID_REQUEST"),
    ],
)
def test_what_is_no_message_is_refused(line: bytes, code: str) -> None:
    message = parse_line(line)
    assert isinstance(message, Malformed)
    assert message.error.code == code


def test_answers_are_one_line_each() -> None:
    result = encode_result(1, {"text": "a\nb"})
    assert result.count(b"\n") == 1
    assert json.loads(result)["result"] == {"text": "a\nb"}
    error = json.loads(encode_error(None, ShimError("RATE_LIMITED", "later")))["error"]
    assert error["data"] == {"code": "RATE_LIMITED", "class": "transient", "retryable": True}


def test_every_code_has_an_answer_that_fits_the_schema() -> None:
    for code in KINDS:
        assert problems(ShimError(code, "why").to_json(), load_schema()["error"]) == []
    told = load_schema()["$defs"]["Error"]["properties"]["data"]["properties"]["code"]["enum"]
    assert told == list(KINDS)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "timeoutMs is missing"),
        ({"timeoutMs": 0}, "timeoutMs is below 1"),
        ({"timeoutMs": 1.5}, "timeoutMs is not of type integer"),
        ({"timeoutMs": True}, "timeoutMs is not of type integer"),
        ({"timeoutMs": 1, "network": {"kind": "some"}}, "network fits 0 of the forms, not one"),
        ({"timeoutMs": 1, "tags": {"a": 1}}, "tags.a is not of type string"),
        ({"timeoutMs": 1, "command": []}, "command has too few items"),
        ({"timeoutMs": 1, "workdir": "relative"}, "workdir does not match ^/"),
        ({"timeoutMs": 1, "memory": 1}, "memory is not known"),
        ({"timeoutMs": 1, "cpu": {"request": 0}}, "cpu.request is not above 0"),
    ],
)
def test_the_schema_finds_what_is_wrong(value: object, problem: str) -> None:
    assert problem in problems(value, load_schema()["methods"]["sandbox.create"]["params"])


def test_a_bucket_lets_a_burst_through_and_then_the_rate() -> None:
    clock = [0.0]

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    async def main() -> list[float]:
        bucket = TokenBucket(per_second=2, burst=3, now=lambda: clock[0], sleep=sleep)
        times: list[float] = []
        for _ in range(6):
            await bucket.take()
            times.append(clock[0])
        return times

    assert asyncio.run(main()) == [0, 0, 0, 0.5, 1.0, 1.5]


def test_backoff_grows_to_a_bound() -> None:
    assert [backoff_s(attempt) for attempt in (0, 1, 2, 50)] == [0.25, 0.5, 1.0, 15.0]


def test_credit_is_waited_for() -> None:
    async def main() -> None:
        window = CreditWindow(10)
        assert await window.take(4) == 4
        assert await window.take(100) == 6
        waiting = asyncio.create_task(window.take(5))
        await asyncio.sleep(0)
        assert (waiting.done(), window.waiting) == (False, 1)
        window.give(3)
        assert await waiting == 3

    asyncio.run(main())


def test_times_are_whole_seconds_upwards() -> None:
    assert [to_seconds(ms) for ms in (1, 1000, 1001)] == [1, 1, 2]


def test_a_limit_is_the_request_where_none_was_given() -> None:
    params = {"timeoutMs": 1, "network": {"kind": "none"}, "tags": {"a": "1"}, "cpu": {"request": 2}}
    spec = spec_of(params, {"owner": "me"})
    assert spec.cpu is not None
    assert (spec.cpu.request, spec.cpu.limit) == (2, 2)
    assert spec.tags == {"owner": "me", "a": "1"}


def test_a_command_is_no_part_of_a_script() -> None:
    hostile = ["echo", "$(touch /x)", "; rm -rf /"]
    assert list(wrap(Launch(hostile), "e1").argv[-3:]) == hostile


def test_the_environment_keeps_what_is_needed() -> None:
    environment = {"PATH": "/bin", "MODAL_TOKEN_ID": "i", "MODAL_TOKEN_SECRET": "canary", "AGENT": "1"}
    credentials = credentials_of(environment)
    assert credentials is not None
    assert "canary" not in repr(credentials)
    scrub(environment)
    assert environment == {"PATH": "/bin"}
    assert credentials_of({"MODAL_TOKEN_ID": "i"}) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exception.ServiceError("x"), "UNAVAILABLE"),
        (exception.InternalError("x"), "UNAVAILABLE"),
        (exception.ConnectionError("x"), "UNAVAILABLE"),
        (builtins.ConnectionError("x"), "UNAVAILABLE"),
        (exception.TimeoutError("x"), "TIMED_OUT"),
        (TimeoutError("x"), "TIMED_OUT"),
        (exception.ResourceExhaustedError("x"), "RATE_LIMITED"),
        (exception.NotFoundError("x"), "NOT_FOUND"),
        (exception.ConflictError("x"), "SANDBOX_ENDED"),
        (exception.SandboxTimeoutError("x"), "SANDBOX_ENDED"),
        (exception.InvalidError("x"), "REFUSED"),
        (exception.AlreadyExistsError("x"), "REFUSED"),
        (exception.AuthError("x"), "UNAUTHENTICATED"),
        (exception.PermissionDeniedError("x"), "PERMISSION_DENIED"),
        (exception.ImageBuildError("x", "im-1"), "IMAGE_FAILED"),
        (exception.SandboxFilesystemNotFoundError("x"), "FILE_NOT_FOUND"),
        (exception.SandboxFilesystemPermissionError("x"), "FILE_REFUSED"),
        (exception.ClientClosed("x"), "SHUTTING_DOWN"),
        (ZeroDivisionError("x"), "INTERNAL"),
    ],
)
def test_failures_of_the_sdk_have_a_code(error: Exception, code: str) -> None:
    with pytest.raises(ShimError) as caught, translated():
        raise error
    assert caught.value.code == code


def test_cancellation_is_no_failure() -> None:
    with pytest.raises(asyncio.CancelledError), translated():
        raise asyncio.CancelledError
