"""Asks an OpenAI-compatible server whether it is there, what it has, whether it answers and calls tools."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import aiohttp

ATTEMPT_SECONDS = 60.0
"""One question whether the server is ready; a proxy may hold it while a container starts."""

COMPLETIONS = "/v1/chat/completions"
PAUSE_SECONDS = 5.0
ANSWER_SECONDS = 300.0
MAX_SHOWN_CHARACTERS = 200

WEATHER_TOOL: dict[str, object] = {
    "type": "function",
    "function": {
        "name": "weather_in",
        "description": "Says what the weather is like in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
WEATHER_QUESTION = "What is the weather in Lisbon? Use the tool."


class EndpointError(RuntimeError):
    """The endpoint did not do what was asked; the message says what it did."""


class TokenRefusedError(EndpointError):
    """The endpoint, or the proxy before it, does not accept the token."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for one prompt."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """A call a model asked for, its arguments read."""

    name: str
    arguments: dict[str, object]


async def wait_until_ready(
    session: aiohttp.ClientSession, timeout_seconds: float, pause_seconds: float = PAUSE_SECONDS
) -> float:
    """Waits for a healthy server, which also starts one that sleeps; returns the seconds it took.

    Raises:
        TokenRefusedError: At once; no waiting changes it.
        EndpointError: The time is over; the message says what was heard last.
    """
    started = time.monotonic()
    while True:
        heard = await _health(session)
        waited = time.monotonic() - started
        if heard == "healthy":
            return waited
        if waited + pause_seconds > timeout_seconds:
            raise EndpointError(f"not ready after {waited:.0f} s: {heard}")
        await asyncio.sleep(pause_seconds)


async def _health(session: aiohttp.ClientSession) -> str:
    try:
        async with session.get("/health", timeout=aiohttp.ClientTimeout(total=ATTEMPT_SECONDS)) as response:
            _refuse_token(response)
            return "healthy" if response.status == HTTPStatus.OK else f"status {response.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"no answer ({type(error).__name__})"


async def list_models(session: aiohttp.ClientSession) -> list[str]:
    """The names the server lists.

    Raises:
        EndpointError: It does not answer as OpenAI's API does.
    """
    with _failures_named("/v1/models"):
        async with session.get("/v1/models") as response:
            body = await _json(response)
        return [str(model["id"]) for model in cast("list[dict[str, object]]", body.get("data", []))]


async def ask(session: aiohttp.ClientSession, model: str, prompt: str, max_tokens: int = 64) -> Answer:
    """Asks one question without thinking, so that few tokens suffice.

    Raises:
        EndpointError: No answer, or one without any token.
    """
    started = time.monotonic()
    request = _request(model, prompt) | {"max_tokens": max_tokens}
    with _failures_named(COMPLETIONS):
        async with session.post(COMPLETIONS, json=request, timeout=_ANSWER_TIMEOUT) as response:
            body = await _json(response)
        usage = cast("dict[str, int]", body.get("usage") or {})
        answer_tokens = usage.get("completion_tokens", 0)
        if answer_tokens == 0:
            raise EndpointError(f"an answer without a token: {_shown(body)}")
        message = cast("dict[str, str | None]", body["choices"][0]["message"])
    return Answer(
        text=message.get("content") or "",
        prompt_tokens=usage.get("prompt_tokens", 0),
        answer_tokens=answer_tokens,
        seconds=time.monotonic() - started,
    )


async def call_tool(session: aiohttp.ClientSession, model: str) -> ToolCall:
    """Has the model call a tool in a streamed answer, as agents do.

    Raises:
        EndpointError: It answered with something else, or with arguments that are not the tool's.
    """
    request = _request(model, WEATHER_QUESTION) | {"max_tokens": 512, "tools": [WEATHER_TOOL], "stream": True}
    name, arguments, text = "", "", ""
    with _failures_named(COMPLETIONS):
        async with session.post(COMPLETIONS, json=request, timeout=_ANSWER_TIMEOUT) as response:
            await _require_ok(response)
            async for delta in _deltas(response):
                text += cast("str | None", delta.get("content")) or ""
                for call in cast("list[dict[str, dict[str, str | None]]]", delta.get("tool_calls") or []):
                    name += call["function"].get("name") or ""
                    arguments += call["function"].get("arguments") or ""
    if name != "weather_in":
        raise EndpointError(f"no call of the tool but {name or text!r}; is the tool parser set?")
    return ToolCall(name=name, arguments=_arguments(arguments))


@contextmanager
def _failures_named(path: str) -> Generator[None]:
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as error:
        raise EndpointError(f"{path}: no answer ({type(error).__name__})") from error
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise EndpointError(f"{path} answered in another form than OpenAI's API ({error!r})") from error


def _request(model: str, prompt: str) -> dict[str, object]:
    return {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0,
        "chat_template_kwargs": {"enable_thinking": False},
    }


_ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=ANSWER_SECONDS)


async def _deltas(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, object]]:
    async for line in response.content:
        data = line.decode("utf-8", "replace").removeprefix("data:").strip()
        if not line.startswith(b"data:") or data == "[DONE]":
            continue
        for choice in cast("list[dict[str, dict[str, object]]]", json.loads(data).get("choices", [])):
            yield choice["delta"]


def _arguments(text: str) -> dict[str, object]:
    try:
        arguments = json.loads(text)
    except json.JSONDecodeError as error:
        raise EndpointError(f"arguments that are not JSON: {text[:MAX_SHOWN_CHARACTERS]!r}") from error
    if not isinstance(arguments, dict) or not isinstance(
        cast("dict[str, object]", arguments).get("city"), str
    ):
        raise EndpointError(f"arguments that are not the tool's: {text[:MAX_SHOWN_CHARACTERS]!r}")
    return cast("dict[str, object]", arguments)


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    await _require_ok(response)
    try:
        return cast("dict[str, Any]", await response.json(content_type=None))
    except json.JSONDecodeError as error:
        raise EndpointError(f"{response.url.path} answered with something else than JSON") from error


async def _require_ok(response: aiohttp.ClientResponse) -> None:
    _refuse_token(response)
    if response.status != HTTPStatus.OK:
        raise EndpointError(
            f"{response.url.path} answered {response.status}: {_shown(await response.text())}"
        )


def _refuse_token(response: aiohttp.ClientResponse) -> None:
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise TokenRefusedError(f"the token was refused (status {response.status})")


def _shown(body: object) -> str:
    return (body if isinstance(body, str) else json.dumps(body))[:MAX_SHOWN_CHARACTERS]
