"""What is asked of an endpoint, and how each kind of failure is named."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import pytest

from openai_endpoint import (
    Answer,
    EndpointError,
    TokenRefusedError,
    ToolCall,
    ask,
    call_tool,
    list_models,
    wait_until_ready,
)

from .scripted_endpoint import TOKEN, ScriptedEndpoint, serving

T = TypeVar("T")


def with_session(
    endpoint: ScriptedEndpoint,
    use: Callable[[aiohttp.ClientSession], Awaitable[T]],
    headers: dict[str, str] = TOKEN.headers,
) -> T:
    """Serves, uses the server with these headers, and ends it."""

    async def play() -> T:
        async with serving(endpoint) as url, aiohttp.ClientSession(url, headers=headers) as session:
            return await use(session)

    return asyncio.run(play())


def call_pieces(*pieces: tuple[str | None, str]) -> list[dict[str, object]]:
    return [
        {"tool_calls": [{"index": 0, "function": {"name": name, "arguments": arguments}}]}
        for name, arguments in pieces
    ]


def test_waits_for_a_server_that_starts() -> None:
    endpoint = ScriptedEndpoint(unhealthy_for=2)
    assert with_session(endpoint, lambda session: wait_until_ready(session, 30, pause_seconds=0.01)) < 30
    assert endpoint.unhealthy_for == -1


def test_a_server_that_does_not_come_up_in_time_is_an_error_with_what_it_said_last() -> None:
    with pytest.raises(EndpointError, match="not ready after 0 s: status 503"):
        with_session(ScriptedEndpoint(unhealthy_for=999), lambda session: wait_until_ready(session, 0, 0.01))


def test_a_refused_token_is_not_waited_for() -> None:
    with pytest.raises(TokenRefusedError, match="refused"):
        with_session(ScriptedEndpoint(), lambda session: wait_until_ready(session, 999), headers={})


def test_nobody_listening_is_named() -> None:
    async def play() -> None:
        async with aiohttp.ClientSession("http://127.0.0.1:9") as session:
            await wait_until_ready(session, 0, 0.01)

    with pytest.raises(EndpointError, match="no answer"):
        asyncio.run(play())


def test_lists_models_and_answers() -> None:
    endpoint = ScriptedEndpoint()
    assert with_session(endpoint, list_models) == ["glm-5"]
    answer = with_session(endpoint, lambda session: ask(session, "glm-5", "Hello?"))
    assert answer == Answer(text="ready", prompt_tokens=9, answer_tokens=2, seconds=answer.seconds)
    assert endpoint.requests[0]["messages"] == [{"role": "user", "content": "Hello?"}]
    assert endpoint.requests[0]["chat_template_kwargs"] == {"enable_thinking": False}


def test_an_answer_without_tokens_is_an_error() -> None:
    endpoint = ScriptedEndpoint(
        answer={"choices": [{"message": {"content": ""}}], "usage": {"completion_tokens": 0}}
    )
    with pytest.raises(EndpointError, match="without a token"):
        with_session(endpoint, lambda session: ask(session, "glm-5", "Hello?"))


async def ask_anything(session: aiohttp.ClientSession) -> None:
    await ask(session, "glm-5", "Hello?")


async def call_a_tool(session: aiohttp.ClientSession) -> None:
    await call_tool(session, "glm-5")


@pytest.mark.parametrize("use", [list_models, ask_anything, call_a_tool])
def test_a_server_that_is_gone_is_an_error_of_its_own(
    use: Callable[[aiohttp.ClientSession], Awaitable[object]],
) -> None:
    async def play() -> None:
        async with aiohttp.ClientSession("http://127.0.0.1:9") as session:
            await use(session)

    with pytest.raises(EndpointError, match="no answer"):
        asyncio.run(play())


@pytest.mark.parametrize("choices", [[], [{"text": "ready"}], "ready"])
def test_an_answer_of_another_form_is_named(choices: object) -> None:
    endpoint = ScriptedEndpoint(answer={"choices": choices, "usage": {"completion_tokens": 2}})
    with pytest.raises(EndpointError, match="in another form"):
        with_session(endpoint, lambda session: ask(session, "glm-5", "Hello?"))


def test_puts_a_streamed_tool_call_together() -> None:
    endpoint = ScriptedEndpoint(deltas=call_pieces(("weather_in", '{"ci'), (None, 'ty": "Lisbon"}')))
    called = with_session(endpoint, lambda session: call_tool(session, "glm-5"))
    assert called == ToolCall(name="weather_in", arguments={"city": "Lisbon"})
    assert endpoint.requests[0]["stream"] is True


@pytest.mark.parametrize(
    ("deltas", "said"),
    [
        ([{"content": "<tool_call>weather_in"}], r"no call of the tool but '<tool_call>weather_in'"),
        (call_pieces(("weather_in", '{"city": "Lis')), "not JSON"),
        (call_pieces(("weather_in", '{"town": "Lisbon"}')), "not the tool's"),
        (call_pieces(("delete_all", "{}")), "no call of the tool but 'delete_all'"),
    ],
)
def test_names_what_came_instead_of_a_tool_call(deltas: list[dict[str, object]], said: str) -> None:
    with pytest.raises(EndpointError, match=said):
        with_session(ScriptedEndpoint(deltas=deltas), lambda session: call_tool(session, "glm-5"))
