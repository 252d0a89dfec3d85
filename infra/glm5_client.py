"""For people with a deployed GLM-5: where it is, whether it answers, and what AgentSwarm needs to use it.

The token is read from MODAL_PROXY_TOKEN (`wk-….ws-…`), the address from GLM5_URL, or from Modal with the
account's credentials. Everything but `url` and `settings` starts a server that sleeps: eight GPUs, until they
have been idle for a while.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from endpoint_forwarder import run_forwarder
from glm5_settings import Glm5Settings, SettingsError, parse_settings
from openai_endpoint import EndpointError, ask, call_tool, list_models, wait_until_ready
from proxy_token import ProxyToken, parse_proxy_token

if TYPE_CHECKING:
    import modal

TOKEN_VARIABLE = "MODAL_PROXY_TOKEN"  # noqa: S105 - the name of a variable
URL_VARIABLE = "GLM5_URL"
SERVER_NAME = "Glm5"
FORWARDER_PORT = 8090
PROMPT = "Reply with the word ready."


class UsageError(ValueError):
    """Something a person has to set; the message names it."""


def find_url(settings: Glm5Settings, env: Mapping[str, str], client: "modal.Client | None" = None) -> str:
    """The address of the deployed server, without a slash at its end.

    Raises:
        UsageError: Modal knows no such deployment, or there are no credentials to ask with.
        EndpointError: Modal does not answer.
    """
    if url := env.get(URL_VARIABLE):
        return parse_url(url)
    import modal  # noqa: PLC0415 - takes a second, and is needed here alone

    try:
        found = modal.Server.from_name(settings.app_name, SERVER_NAME, client=client).get_url()
    except modal.exception.NotFoundError as error:
        raise UsageError(f"{settings.app_name} is not deployed: modal deploy infra/deploy_glm5.py") from error
    except modal.exception.AuthError as error:
        raise UsageError(f"no credentials for Modal (modal setup), and {URL_VARIABLE} is not set") from error
    except modal.exception.Error as error:
        raise EndpointError(f"Modal does not say where the server is: {error}") from error
    if found is None:
        raise UsageError(f"{settings.app_name} has no address yet; try again in a moment")
    return found.rstrip("/")


def parse_url(text: str) -> str:
    """Reads the address of a server, without a slash at its end.

    Raises:
        UsageError: It is none.
    """
    if not text.startswith(("https://", "http://")):
        raise UsageError(f"{text!r} is no address of a server; it begins with https://")
    return text.rstrip("/")


def find_token(env: Mapping[str, str]) -> ProxyToken:
    """The proxy token of the environment.

    Raises:
        UsageError: It is not set, or not of its form; the message holds none of it.
    """
    token = parse_proxy_token(env.get(TOKEN_VARIABLE))
    if token is None:
        raise UsageError(f"{TOKEN_VARIABLE} must be a proxy token of the workspace, as wk-….ws-…")
    return token


def settings_lines(settings: Glm5Settings, url: str, forwarder: Sequence[str]) -> list[str]:
    """What goes into `.env`, without the token: AgentSwarm starts the forwarder when needed, and ends it."""
    endpoint = {
        "name": "glm-5",
        "endpoint": f"http://127.0.0.1:{FORWARDER_PORT}/v1",
        "apiKey": "wk-….ws-…",
        "models": [settings.served_name],
        "concurrency": settings.max_running_requests * settings.max_replicas,
        "start": [*forwarder, "forward", "--port", str(FORWARDER_PORT), "--url", url],
    }
    return [
        f"LLM_MODEL={settings.served_name}",
        f"LLM_ENDPOINTS='[{json.dumps(endpoint, ensure_ascii=False)}]'",
    ]


async def check(settings: Glm5Settings, url: str, token: ProxyToken) -> dict[str, object]:
    """Waits for the server, asks it one question, and has it call a tool; random weights cannot do the last.

    Raises:
        EndpointError: The first of these that failed.
    """
    async with aiohttp.ClientSession(url, headers=token.headers) as session:
        ready_seconds = await wait_until_ready(session, settings.startup_seconds)
        models = await list_models(session)
        if settings.served_name not in models:
            raise EndpointError(
                f"the server has {', '.join(models) or 'no model'}, not {settings.served_name}"
            )
        answer = await ask(session, settings.served_name, PROMPT)
        tool_call = await call_tool(session, settings.served_name) if settings.weights == "real" else None
    return {
        "url": url,
        "readySeconds": round(ready_seconds, 1),
        "models": models,
        "answer": asdict(answer),
        "toolCall": None if tool_call is None else asdict(tool_call),
    }


async def prompt(settings: Glm5Settings, url: str, token: ProxyToken, text: str) -> str:
    """Answers one prompt of a person.

    Raises:
        EndpointError: The server is not ready in time, or does not answer.
    """
    async with aiohttp.ClientSession(url, headers=token.headers) as session:
        await wait_until_ready(session, settings.startup_seconds)
        return (await ask(session, settings.served_name, text, max_tokens=1024)).text


async def ready(settings: Glm5Settings, url: str, token: ProxyToken) -> str:
    """Waits until the server answers.

    Raises:
        EndpointError: It is not ready in time.
    """
    async with aiohttp.ClientSession(url, headers=token.headers) as session:
        return f"ready after {await wait_until_ready(session, settings.startup_seconds):.0f} s"


def run(arguments: Sequence[str], env: Mapping[str, str]) -> str:
    """Does what the arguments say and returns what there is to print.

    Raises:
        UsageError, SettingsError: Something is not set, or not of its form.
        EndpointError: The server failed what was asked of it.
    """
    options = _parser().parse_args(arguments)
    settings = parse_settings(env)
    url = find_url(settings, env) if options.url is None else parse_url(options.url)
    match options.command:
        case "url":
            return url
        case "settings":
            return "\n".join(settings_lines(settings, url, (sys.executable, str(Path(__file__).resolve()))))
        case "forward":
            asyncio.run(run_forwarder(url, options.port))
            return ""
        case "ready":
            return asyncio.run(ready(settings, url, find_token(env)))
        case "prompt":
            return asyncio.run(prompt(settings, url, find_token(env), options.text))
        case _:
            return json.dumps(asyncio.run(check(settings, url, find_token(env))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Finds, waits for and tests a deployed GLM-5.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("url", "prints its address"),
        ("settings", "prints the lines for AgentSwarm's .env"),
        ("ready", "waits until it answers"),
        ("prompt", "asks it one question"),
        ("check", "tests model list, answer and tool call; prints one JSON object"),
        ("forward", "listens on loopback for clients that can send a key, but no headers"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("--url", help="its address; default: GLM5_URL, else Modal is asked")
        if name == "prompt":
            command.add_argument("text")
        if name == "forward":
            command.add_argument("--port", type=int, default=FORWARDER_PORT)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Exit code 0: done; 1: the server failed; 2: something is to be set."""
    try:
        print(run(arguments, os.environ))
    except (UsageError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    except EndpointError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
