"""The command for people, as they type it, against a server on loopback."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from grpclib import Status

from glm5_client import UsageError, check, find_token, find_url, settings_lines
from glm5_settings import Glm5Settings, parse_settings
from openai_endpoint import EndpointError
from sandbox_image import REPOSITORY

from .recording_modal import recording_modal
from .scripted_endpoint import COMBINED, TOKEN, ScriptedEndpoint, serving

CALL: dict[str, object] = {
    "tool_calls": [{"index": 0, "function": {"name": "weather_in", "arguments": '{"city": "Lisbon"}'}}]
}


CLIENT = REPOSITORY / "infra" / "glm5_client.py"
TEST_SANDBOX = REPOSITORY / "scripts" / "test_sandbox.py"


def command(
    arguments: Sequence[str], endpoint: ScriptedEndpoint, env: dict[str, str], program: Path = CLIENT
) -> tuple[int, str, str]:
    """Runs a program in a process of its own, with the server's address in its environment."""

    async def play() -> tuple[int, str, str]:
        async with serving(endpoint) as url:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(program), *arguments),
                env={**os.environ, "GLM5_URL": f"{url}/", **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            stdout, stderr = await process.communicate()
            return process.returncode or 0, stdout.decode().strip(), stderr.decode().strip()

    return asyncio.run(play())


def test_an_address_that_is_none_is_named() -> None:
    code, stdout, stderr = command(["url", "--url", "glm.example"], ScriptedEndpoint(), {})
    assert (code, stdout) == (2, "")
    assert "'glm.example' is no address of a server" in stderr
    assert "Traceback" not in stderr


def test_check_reports_everything_in_one_object() -> None:
    code, stdout, stderr = command(
        ["check"], ScriptedEndpoint(deltas=[CALL]), {"MODAL_PROXY_TOKEN": COMBINED}
    )
    assert (code, stderr) == (0, "")
    report = json.loads(stdout)
    assert report["models"] == ["glm-5"]
    assert report["answer"]["text"] == "ready"
    assert report["toolCall"] == {"name": "weather_in", "arguments": {"city": "Lisbon"}}
    assert TOKEN.secret not in stdout


def test_the_script_for_an_account_checks_the_server_the_same_way() -> None:
    endpoint = ScriptedEndpoint(deltas=[CALL])
    env = {"MODAL_PROXY_TOKEN": COMBINED}
    code, stdout, _stderr = command(["server"], endpoint, env, TEST_SANDBOX)
    assert code == 0
    assert "ok" in stdout
    assert '"city": "Lisbon"' in stdout


def test_the_script_for_an_account_names_what_is_missing() -> None:
    code, stdout, _stderr = command(["server"], ScriptedEndpoint(), {}, TEST_SANDBOX)
    assert code == 1
    assert "FAILED" in stdout
    assert "MODAL_PROXY_TOKEN" in stdout
    code, _stdout, stderr = command(["basic"], ScriptedEndpoint(), {}, TEST_SANDBOX)
    assert code == 2
    assert "Token missing" in stderr


def test_random_weights_are_not_asked_for_a_tool_call() -> None:
    endpoint = ScriptedEndpoint(deltas=[{"content": "gibberish"}])
    env = {"MODAL_PROXY_TOKEN": COMBINED, "GLM5_WEIGHTS": "dummy"}
    code, stdout, _stderr = command(["check"], endpoint, env)
    assert code == 0
    assert json.loads(stdout)["toolCall"] is None


def test_prompt_and_url_print_one_thing() -> None:
    env = {"MODAL_PROXY_TOKEN": COMBINED}
    assert command(["prompt", "Hello?"], ScriptedEndpoint(), env)[:2] == (0, "ready")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", command(["url"], ScriptedEndpoint(), {})[1])


@pytest.mark.parametrize(
    ("env", "code", "said"),
    [
        ({}, 2, "MODAL_PROXY_TOKEN must be a proxy token of the workspace, as wk-….ws-…"),
        ({"MODAL_PROXY_TOKEN": "canary"}, 2, "MODAL_PROXY_TOKEN must be a proxy token"),
        ({"MODAL_PROXY_TOKEN": "wk-other.ws-canary"}, 1, "the token was refused (status 401)"),
        ({"MODAL_PROXY_TOKEN": COMBINED, "GLM5_WEIGHTS": "none"}, 2, "GLM5_WEIGHTS is 'none'"),
    ],
)
def test_what_is_missing_or_refused_is_one_line_without_the_token(
    env: dict[str, str], code: int, said: str
) -> None:
    ended, stdout, stderr = command(["check"], ScriptedEndpoint(), env)
    assert (ended, stdout) == (code, "")
    assert said in stderr
    assert len(stderr.splitlines()) == 1
    assert "canary" not in stderr


def test_a_server_of_another_model_is_named() -> None:
    async def play() -> None:
        async with serving(ScriptedEndpoint()) as url:
            await check(Glm5Settings(served_name="glm-6"), url, TOKEN)

    with pytest.raises(EndpointError, match="the server has glm-5, not glm-6"):
        asyncio.run(play())


def test_settings_start_the_forwarder_and_hold_no_token() -> None:
    lines = settings_lines(Glm5Settings(), "https://example.modal.invalid", ("python", "glm5_client.py"))
    assert lines[0] == "LLM_MODEL=glm-5"
    [endpoint] = json.loads(lines[1].removeprefix("LLM_ENDPOINTS='").removesuffix("'"))
    assert endpoint["endpoint"] == "http://127.0.0.1:8090/v1"
    assert endpoint["concurrency"] == 32
    assert endpoint["start"][:3] == ["python", "glm5_client.py", "forward"]
    assert endpoint["start"][-1] == "https://example.modal.invalid"
    assert "ws-…" in endpoint["apiKey"]


def test_a_deployment_modal_does_not_know_is_named() -> None:
    with recording_modal() as (recording, client, _url):
        recording.refuse("FunctionGet", Status.NOT_FOUND)
        with pytest.raises(UsageError, match="agentswarm-glm5 is not deployed"):
            find_url(parse_settings({}), {}, client)
    assert recording.of("FunctionGet")[0].app_name == "agentswarm-glm5"


def test_the_address_is_the_one_modal_knows() -> None:
    with recording_modal() as (_recording, client, _url):
        assert find_url(parse_settings({}), {}, client) == "https://recorded.invalid"


def test_a_token_is_read_from_the_environment() -> None:
    assert find_token({"MODAL_PROXY_TOKEN": COMBINED}) == TOKEN
