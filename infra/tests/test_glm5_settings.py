"""Which command serves the model, and what of it can be chosen."""

import re

import pytest

from glm5_settings import (
    Glm5Settings,
    SettingsError,
    carried_environment,
    parse_settings,
    server_command,
    server_environment,
)


def options(settings: Glm5Settings) -> dict[str, str]:
    command = server_command(settings)
    return {
        name: "" if value.startswith("--") else value
        for name, value in zip(command, [*command[1:], "--"], strict=True)
        if name.startswith("--")
    }


def test_serves_with_parsers_and_drafting() -> None:
    chosen = options(Glm5Settings())
    assert chosen["--model-path"] == "zai-org/GLM-5-FP8"
    assert chosen["--served-model-name"] == "glm-5"
    assert chosen["--tp-size"] == "8"
    assert chosen["--tool-call-parser"] == "glm47"
    assert chosen["--reasoning-parser"] == "glm45"
    assert (chosen["--speculative-algorithm"], chosen["--speculative-num-draft-tokens"]) == ("EAGLE", "4")
    assert "--load-format" not in chosen


def test_graphs_are_captured_for_as_many_requests_as_run() -> None:
    chosen = options(Glm5Settings(max_running_requests=48))
    assert chosen["--max-running-requests"] == chosen["--cuda-graph-max-bs"] == "48"


def test_a_chain_of_drafts_has_one_token_more_than_steps() -> None:
    settings = Glm5Settings()
    assert settings.draft_top_k == 1
    assert settings.draft_tokens == settings.draft_steps + 1


def test_no_option_holds_a_key() -> None:
    assert not re.search(
        r"key|token=|secret|auth", " ".join(server_command(Glm5Settings())).replace("tool-call", "")
    )


def test_a_rehearsal_differs_in_weights_and_name_alone() -> None:
    real, dummy = Glm5Settings(), parse_settings({"GLM5_WEIGHTS": "dummy"})
    assert server_command(dummy) == [*server_command(real), "--load-format", "dummy"]
    assert dummy.app_name != real.app_name
    assert dummy.gpu_request == real.gpu_request == "B200:8"


def test_only_real_weights_are_kept_off_the_network() -> None:
    assert server_environment(Glm5Settings())["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in server_environment(Glm5Settings(weights="dummy"))


def test_every_cache_is_on_its_volume() -> None:
    settings = Glm5Settings()
    paths = {volume.path for volume in settings.volumes}
    environment = server_environment(settings)
    assert {value for value in environment.values() if value.startswith("/")} == paths
    assert len({volume.name for volume in settings.volumes}) == len(paths) == 3


def test_containers_read_what_was_deployed() -> None:
    deployed = parse_settings({"GLM5_WEIGHTS": "dummy", "GLM5_MAX_REPLICAS": "3"})
    assert parse_settings(carried_environment(deployed)) == deployed


def test_defaults_cost_nothing_while_nobody_asks() -> None:
    settings = parse_settings({})
    assert (settings.min_replicas, settings.max_replicas) == (0, 1)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"GLM5_WEIGHTS": "none"}, "GLM5_WEIGHTS is 'none'; it accepts real or dummy"),
        ({"GLM5_MAX_REPLICAS": "0"}, "GLM5_MAX_REPLICAS is '0'; it accepts a whole number of at least 1"),
        ({"GLM5_MAX_REPLICAS": "two"}, "GLM5_MAX_REPLICAS is 'two'"),
    ],
)
def test_names_a_value_that_is_not_of_its_form(env: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        parse_settings(env)
