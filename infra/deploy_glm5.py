"""GLM-5 on Modal, as one deployment: the weights' download and the server.

`modal run --detach deploy_glm5.py::download_weights` once, then `modal deploy deploy_glm5.py`.

Modal's proxy lets no request through without a proxy token, so that nobody else can wake eight GPUs up.
SGLang's own key is not used: it shows in the server's log, and a request with a wrong key would still start a
container.
"""

import os
import subprocess

import modal

from glm5_settings import carried_environment, parse_settings, server_command, server_environment
from server_process import start_server, stop_server, wait_until_healthy

settings = parse_settings(os.environ)

app = modal.App(settings.app_name)

_volumes = {
    cache.path: modal.Volume.from_name(cache.name, create_if_missing=True, version=2)
    for cache in settings.volumes
}

_base = modal.Image.from_registry(settings.image).entrypoint([])
_image = _base.env(server_environment(settings) | carried_environment(settings)).add_local_python_source(
    "glm5_settings", "server_process"
)


@app.function(
    image=_image,
    volumes={settings.weights_volume.path: _volumes[settings.weights_volume.path]},
    timeout=settings.download_seconds,
)
def download_weights() -> None:
    """Fetches the weights into their volume on a machine without GPUs to pay for; can be repeated."""
    environment = os.environ | {"HF_HUB_OFFLINE": "0", "HF_XET_HIGH_PERFORMANCE": "1"}
    subprocess.run(["hf", "download", settings.model, "--quiet"], env=environment, check=True)


@app.server(
    image=_image,
    gpu=settings.gpu_request,
    cpu=settings.cpu_cores,
    memory=settings.memory_mib,
    volumes={**_volumes},
    port=settings.port,
    unauthenticated=False,
    min_containers=settings.min_replicas,
    max_containers=settings.max_replicas,
    # A further replica is wanted when the first one begins to queue.
    target_concurrency=settings.max_running_requests,
    scaledown_window=settings.idle_seconds,
    startup_timeout=settings.startup_seconds,
    exit_grace_period=settings.grace_seconds,
    routing_region=settings.routing_region,
    compute_region=settings.compute_region,
)
class Glm5:
    """The OpenAI-compatible server of one replica."""

    @modal.enter()
    def start(self) -> None:
        """Returns when the model answers; Modal sends requests from then on."""
        self._process = start_server(server_command(settings), os.environ)
        wait_until_healthy(
            self._process, f"http://127.0.0.1:{settings.port}/health", settings.startup_seconds
        )

    @modal.exit()
    def stop(self) -> None:
        """Ends the server with the processes of its GPUs."""
        stop_server(self._process, settings.grace_seconds)
