"""A small OpenAI-compatible server behind a proxy token, for tests on loopback."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy_token import ProxyToken

TOKEN = ProxyToken("wk-test", "ws-canary")
COMBINED = "wk-test.ws-canary"


@dataclass
class ScriptedEndpoint:
    """What the server says, and what it was asked."""

    unhealthy_for: int = 0
    """So many questions after its health are answered with 503, as while a container starts."""

    answer: dict[str, object] = field(
        default_factory=lambda: {
            "choices": [{"message": {"content": "ready"}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2},
        }
    )
    deltas: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    endless: bool = False
    """A streamed answer goes on until whoever asked hangs up."""

    requests: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def health(self, _request: web.Request) -> web.Response:
        """Healthy after so many questions."""
        self.unhealthy_for -= 1
        return web.Response(status=503 if self.unhealthy_for >= 0 else 200)

    async def models(self, _request: web.Request) -> web.Response:
        """The one model."""
        return web.json_response({"object": "list", "data": [{"id": "glm-5", "object": "model"}]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """The scripted answer, whole or in pieces."""
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        return await self._stream(request) if body.get("stream") else web.json_response(self.answer)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for delta in self.deltas:
            await response.write(f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n".encode())
        try:
            while self.endless:
                await response.write(b": still here\n\n")
                await asyncio.sleep(0.01)
        finally:
            self.hung_up.set()
        await response.write(b"data: [DONE]\n\n")
        return response


@web.middleware
async def _require_token(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if any(request.headers.get(name) != value for name, value in TOKEN.headers.items()):
        return web.Response(status=401, text="modal-http: missing credentials for proxy authorization")
    return await handler(request)


@contextlib.asynccontextmanager
async def serving(endpoint: ScriptedEndpoint) -> AsyncGenerator[str]:
    """Serves on a free port of loopback and says where."""
    application = web.Application(middlewares=[_require_token])
    application.router.add_get("/health", endpoint.health)
    application.router.add_get("/v1/models", endpoint.models)
    application.router.add_post("/v1/chat/completions", endpoint.chat)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")
