"""Lets clients that know one key and no headers reach a server behind Modal's proxy.

It listens on loopback, takes the token out of `Authorization: Bearer wk-….ws-…`, and puts it into the headers
that the proxy documents. It holds no token: whoever has none is refused here, whoever has a wrong one is
refused by the proxy.
"""

import asyncio
import signal

import aiohttp
from aiohttp import web

from proxy_token import parse_proxy_token

MAX_BODY_BYTES = 64 * 1024 * 1024
CONNECT_SECONDS = 30.0
FORWARDED_REQUEST_HEADERS = ("Accept", "Content-Type", "User-Agent")
FORWARDED_ANSWER_HEADERS = ("Content-Type", "Retry-After")

_UPSTREAM = web.AppKey("upstream", aiohttp.ClientSession)


def create_forwarder(upstream: str) -> web.Application:
    """An application that forwards every request to the server at an address, streaming its answers."""
    # Conversations may take as long as they take; whoever asked hangs up when it is enough.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)

    async def connect(application: web.Application):
        # As many connections as conversations; the server decides how many it answers at a time.
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            upstream, connector=connector, timeout=timeout, auto_decompress=False
        ) as session:
            application[_UPSTREAM] = session
            yield

    application = web.Application(client_max_size=MAX_BODY_BYTES)
    application.cleanup_ctx.append(connect)
    application.router.add_route("*", "/{path:.*}", _forward)
    return application


async def _forward(request: web.Request) -> web.StreamResponse:
    token = parse_proxy_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if token is None:
        return _refusal(401, "a proxy token of Modal is needed as the key: wk-….ws-…")
    kept = {name: request.headers[name] for name in FORWARDED_REQUEST_HEADERS if name in request.headers}
    try:
        answer = await request.app[_UPSTREAM].request(
            request.method,
            request.rel_url,
            data=await request.read(),
            headers=kept | token.headers,
            allow_redirects=False,
        )
    except (aiohttp.ClientError, TimeoutError) as error:
        return _refusal(502, f"the server cannot be reached ({type(error).__name__})")
    async with answer:
        return await _stream(request, answer)


async def _stream(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    kept = {name: answer.headers[name] for name in FORWARDED_ANSWER_HEADERS if name in answer.headers}
    response = web.StreamResponse(status=answer.status, headers=kept)
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "forwarder"}}, status=status)


async def run_forwarder(upstream: str, port: int, ready: asyncio.Future[int] | None = None) -> None:
    """Forwards until SIGINT or SIGTERM; a request whose sender hangs up is ended at the server, too."""
    runner = web.AppRunner(create_forwarder(upstream), handler_cancellation=True, access_log=None)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        if ready is not None:
            ready.set_result(runner.addresses[0][1])
        await stopped.wait()
    finally:
        await runner.cleanup()
