"""`modal deploy infra/deploy_glm5.py` as a person types it, against a control plane that only writes down."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from modal_proto import api_pb2

from sandbox_image import REPOSITORY

from .recording_modal import RecordingModal, recording_modal


def deploy(env: Mapping[str, str]) -> tuple[RecordingModal, subprocess.CompletedProcess[str]]:
    with recording_modal() as (recording, _client, url):
        result = subprocess.run(
            [sys.executable, "-m", "modal", "deploy", "infra/deploy_glm5.py"],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "MODAL_SERVER_URL": url,
                "MODAL_TOKEN_ID": "ak-recorded",
                "MODAL_TOKEN_SECRET": "as-recorded",
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    return recording, result


@pytest.fixture(scope="module")
def deployed() -> RecordingModal:
    recording, result = deploy({})
    assert result.returncode == 0, result.stdout + result.stderr
    return recording


def function(recording: RecordingModal, name: str) -> Any:
    [found] = [
        request.function
        for request in recording.of("FunctionCreate")
        if request.function.function_name == name
    ]
    return found


def mounted(recording: RecordingModal, definition: Any) -> dict[str, str]:
    names = [request.deployment_name for request in recording.of("VolumeGetOrCreate")]
    return {
        mount.mount_path: names[int(mount.volume_id.split("-")[1]) - 1]  # ids count from one
        for mount in definition.volume_mounts
    }


def test_asks_for_the_machine(deployed: RecordingModal) -> None:
    server = function(deployed, "Glm5")
    assert (server.resources.gpu_config.gpu_type, server.resources.gpu_config.count) == ("B200", 8)
    assert server.resources.milli_cpu == 16_000
    assert server.resources.memory_mb == 131_072
    assert list(server.scheduler_placement.regions) == ["us"]


def test_nobody_without_a_token_reaches_it(deployed: RecordingModal) -> None:
    server = function(deployed, "Glm5")
    assert server.is_server
    assert server.http_config.unauthenticated is False
    assert server.http_config.port == 8000
    assert list(server.http_config.proxy_regions) == ["us-east"]
    assert not server.HasField("webhook_config")
    assert list(server.secret_ids) == []


def test_scales_to_zero_and_not_beyond_one(deployed: RecordingModal) -> None:
    scaling = function(deployed, "Glm5").autoscaler_settings
    assert (scaling.min_containers, scaling.max_containers, scaling.scaledown_window) == (0, 1, 600)
    assert scaling.target_concurrency_float == 32


def test_a_start_may_take_as_long_as_loading_takes(deployed: RecordingModal) -> None:
    server = function(deployed, "Glm5")
    assert server.startup_timeout_secs == server.http_config.startup_timeout == 2_700
    assert server.http_config.exit_grace_period == 25


def test_caches_are_volumes(deployed: RecordingModal) -> None:
    assert mounted(deployed, function(deployed, "Glm5")) == {
        "/cache/huggingface": "agentswarm-glm5-weights",
        "/cache/deepgemm": "agentswarm-glm5-deepgemm",
        "/cache/flashinfer": "agentswarm-glm5-flashinfer",
    }
    for request in deployed.of("VolumeGetOrCreate"):
        assert request.version == api_pb2.VOLUME_FS_VERSION_V2
        assert request.object_creation_type == api_pb2.OBJECT_CREATION_TYPE_CREATE_IF_MISSING


def test_weights_are_fetched_without_gpus(deployed: RecordingModal) -> None:
    download = function(deployed, "download_weights")
    assert download.resources.gpu_config.count == 0
    assert download.timeout_secs == 14_400
    assert mounted(deployed, download) == {"/cache/huggingface": "agentswarm-glm5-weights"}


def test_containers_get_the_image_and_the_modules_they_import(deployed: RecordingModal) -> None:
    server = function(deployed, "Glm5")
    layers = deployed.image_layers(server.image_id)
    assert layers[0] == "FROM lmsysorg/sglang:glm5-blackwell"
    assert {"ENV GLM5_WEIGHTS=real", "ENV HF_HOME=/cache/huggingface", "ENV HF_HUB_OFFLINE=1"} <= set(layers)
    mounts = [deployed.of("MountGetOrCreate")[int(mount.split("-")[1]) - 1] for mount in server.mount_ids]
    files = {file.filename.rsplit("/", 1)[1] for mount in mounts for file in mount.files}
    assert {"deploy_glm5.py", "glm5_settings.py", "server_process.py"} <= files


def test_a_rehearsal_is_an_app_of_its_own() -> None:
    recording, result = deploy({"GLM5_WEIGHTS": "dummy"})
    assert result.returncode == 0, result.stdout + result.stderr
    assert recording.of("AppPublish")[0].name == "agentswarm-glm5-rehearsal"
    layers = recording.image_layers(function(recording, "Glm5").image_id)
    assert "ENV GLM5_WEIGHTS=dummy" in layers
    assert not [line for line in layers if "HF_HUB_OFFLINE" in line]


def test_a_wrong_variable_deploys_nothing() -> None:
    recording, result = deploy({"GLM5_WEIGHTS": "none"})
    assert result.returncode != 0
    assert "GLM5_WEIGHTS is 'none'; it accepts real or dummy" in result.stdout + result.stderr
    assert recording.of("AppPublish") == []
