"""The forwarder on loopback: what reaches the server, and what does not."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

import aiohttp

from endpoint_forwarder import run_forwarder
from openai_endpoint import ask, call_tool, list_models

from .scripted_endpoint import COMBINED, ScriptedEndpoint, serving

T = TypeVar("T")

CONVERSATIONS = 150
BEARER = {"Authorization": f"Bearer {COMBINED}"}


@contextlib.asynccontextmanager
async def forwarding(upstream: str) -> AsyncGenerator[str]:
    """Runs the forwarder, and ends it as a terminal or a parent process would."""
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(run_forwarder(upstream, 0, ready))
    try:
        yield f"http://127.0.0.1:{await ready}"
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await running


def through_forwarder(
    endpoint: ScriptedEndpoint,
    use: Callable[[aiohttp.ClientSession], Awaitable[T]],
    headers: dict[str, str] = BEARER,
) -> T:
    async def play() -> T:
        async with (
            serving(endpoint) as upstream,
            forwarding(upstream) as url,
            aiohttp.ClientSession(url, headers=headers) as session,
        ):
            return await use(session)

    return asyncio.run(play())


def test_a_key_becomes_the_headers_of_the_proxy() -> None:
    endpoint = ScriptedEndpoint()
    answer = through_forwarder(endpoint, lambda session: ask(session, "glm-5", "Hello?"))
    assert answer.text == "ready"
    assert endpoint.headers[0]["Modal-Key"] == "wk-test"
    assert endpoint.headers[0]["Modal-Secret"] == "ws-canary"
    assert "Authorization" not in endpoint.headers[0]


def test_streams_answers() -> None:
    call = {"index": 0, "function": {"name": "weather_in", "arguments": '{"city": "Lisbon"}'}}
    endpoint = ScriptedEndpoint(deltas=[{"tool_calls": [call]}])
    assert through_forwarder(endpoint, lambda session: call_tool(session, "glm-5")).arguments == {
        "city": "Lisbon"
    }


def test_lists_models() -> None:
    assert through_forwarder(ScriptedEndpoint(), list_models) == ["glm-5"]


def test_without_a_key_nothing_is_forwarded() -> None:
    endpoint = ScriptedEndpoint()

    async def knock(session: aiohttp.ClientSession) -> tuple[int, str]:
        async with session.post("/v1/chat/completions", json={}) as response:
            return response.status, await response.text()

    status, text = through_forwarder(endpoint, knock, headers={"Authorization": "Bearer something-else"})
    assert status == 401
    assert "something-else" not in text
    assert endpoint.requests == []


def test_what_the_proxy_refuses_is_passed_on() -> None:
    async def knock(session: aiohttp.ClientSession) -> tuple[int, str]:
        async with session.get("/v1/models") as response:
            return response.status, await response.text()

    headers = {"Authorization": "Bearer wk-test.ws-wrong"}
    assert through_forwarder(ScriptedEndpoint(), knock, headers) == (
        401,
        "modal-http: missing credentials for proxy authorization",
    )


def test_who_hangs_up_ends_the_request_at_the_server() -> None:
    endpoint = ScriptedEndpoint(endless=True)

    async def hang_up(session: aiohttp.ClientSession) -> None:
        async with session.post("/v1/chat/completions", json={"stream": True}) as response:
            await response.content.readany()
        await asyncio.wait_for(endpoint.hung_up.wait(), timeout=30)

    through_forwarder(endpoint, hang_up)
    assert endpoint.hung_up.is_set()


def test_more_conversations_than_a_client_opens_by_default() -> None:
    endpoint = ScriptedEndpoint(endless=True)

    async def begin(session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
        response = await session.post("/v1/chat/completions", json={"stream": True})
        await response.content.readany()
        return response

    async def play() -> int:
        async with (
            serving(endpoint) as upstream,
            forwarding(upstream) as url,
            aiohttp.ClientSession(url, headers=BEARER, connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            begun = await asyncio.wait_for(
                asyncio.gather(*(begin(session) for _ in range(CONVERSATIONS))), timeout=60
            )
            for response in begun:
                response.close()
            return len(begun)

    assert asyncio.run(play()) == CONVERSATIONS


def test_a_server_out_of_reach_is_a_bad_gateway() -> None:
    async def play() -> int:
        async with (
            forwarding("http://127.0.0.1:9") as url,
            aiohttp.ClientSession(url, headers=BEARER) as session,
            session.get("/v1/models") as response,
        ):
            return response.status

    assert asyncio.run(play()) == 502
