"""What the GLM-5 deployment consists of, decided without Modal: sizes with their reasons, command lines.

None of the numbers was measured by us; where a reason names a source, it is the model's card, SGLang's
cookbook or the published recipes of others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MINUTE_SECONDS = 60

WEIGHTS_VARIABLE = "GLM5_WEIGHTS"
MAX_REPLICAS_VARIABLE = "GLM5_MAX_REPLICAS"
VARIABLES = (WEIGHTS_VARIABLE, MAX_REPLICAS_VARIABLE)
"""Read when deploying, and carried into the containers, which import the same definitions."""


class SettingsError(ValueError):
    """A variable has a value that is not of its form; the message names both."""


@dataclass(frozen=True, kw_only=True)
class CacheVolume:
    """A Modal volume and where containers see it."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Glm5Settings:
    """Every size and limit of the deployment. Times are seconds, sizes as the names say."""

    weights: Literal["real", "dummy"] = "real"
    """`dummy`: random weights, nothing downloaded or loaded. A dress rehearsal of all but the answers: on the
    same GPUs, but without the time that 700 GB take."""

    model: str = "zai-org/GLM-5-FP8"
    """The eight-bit checkpoint: 744 billion parameters, about 93 GB on each of eight GPUs."""

    served_name: str = "glm-5"
    """What clients call the model; AgentSwarm's `LLM_MODEL`."""

    image: str = "lmsysorg/sglang:glm5-blackwell"
    """The SGLang build that the model's card names for this GPU generation; it has the architecture and
    kernels that the releases of its time lack. A tag can be moved: note the digest of one that works."""

    gpu: str = "B200"
    gpu_count: int = 8
    """180 GB each. Half the weights and more must fit beside the attention cache, and eight is a whole
    machine: fewer do not hold the model in eight bits with room for long conversations."""

    cpu_cores: float = 16.0
    """One process a GPU, the tokenizer and the HTTP server, each with a core to itself and some to spare."""

    memory_mib: int = 128 * 1024
    """Weights pass through the host's memory while they are loaded, a few shards at a time for each
    process."""

    memory_fraction: float = 0.80
    """Of a GPU's memory, for weights and attention cache. The rest holds CUDA graphs, the draft layer and the
    peak of a prefill; others ran 0.85 with later builds."""

    max_running_requests: int = 32
    """Conversations computed at a time. The cache of about 1.3 million tokens holds 32 of 40 000; more would
    evict each other's prefixes, and drafting pays only in batches of tens. Further requests wait in the
    server."""

    prefill_chunk_tokens: int = 16_384
    """A long prompt is read in pieces of this size, so that the answers of others are not held up for
    seconds."""

    draft_steps: int = 3
    draft_top_k: int = 1
    draft_tokens: int = 4
    """EAGLE with the checkpoint's own prediction layer: the values of SGLang's cookbook for this family."""

    port: int = 8000

    min_replicas: int = 0
    """Scales to zero: a sleeping deployment costs nothing but its volumes."""

    max_replicas: int = 1
    """A second replica doubles the bill and shares no cache with the first; raise it knowingly."""

    idle_seconds: int = 10 * MINUTE_SECONDS
    """A replica without requests ends after this. A cold start takes longer, and a run may pause for minutes
    between calls, so less would pay for starts instead of answers."""

    startup_seconds: int = 45 * MINUTE_SECONDS
    """Loading 700 GB from a volume at one to three GB a second, compiling kernels once, capturing graphs."""

    grace_seconds: int = 25
    """Requests under way when a replica ends may finish; Modal ends the container soon after."""

    download_seconds: int = 4 * 60 * MINUTE_SECONDS
    """The first download of the weights; it goes on where an interrupted one stopped."""

    routing_region: str = "us-east"
    compute_region: str = "us"
    """Where the proxy and the GPUs are: near each other; a wider region has more machines of this kind."""

    weights_volume: CacheVolume = CacheVolume(name="agentswarm-glm5-weights", path="/cache/huggingface")
    deepgemm_volume: CacheVolume = CacheVolume(name="agentswarm-glm5-deepgemm", path="/cache/deepgemm")
    flashinfer_volume: CacheVolume = CacheVolume(name="agentswarm-glm5-flashinfer", path="/cache/flashinfer")
    """Kept between starts: the weights, and the kernels that two libraries compile for this machine."""

    @property
    def app_name(self) -> str:
        """A rehearsal has a name of its own: it never replaces what people use."""
        return "agentswarm-glm5" if self.weights == "real" else "agentswarm-glm5-rehearsal"

    @property
    def gpu_request(self) -> str:
        """As Modal wants it: `B200:8`."""
        return f"{self.gpu}:{self.gpu_count}"

    @property
    def volumes(self) -> tuple[CacheVolume, ...]:
        """All caches of the server."""
        return (self.weights_volume, self.deepgemm_volume, self.flashinfer_volume)


def parse_settings(env: Mapping[str, str]) -> Glm5Settings:
    """Reads what can be chosen when deploying; everything else is changed in this file.

    Raises:
        SettingsError: A variable is set to something else than its form.
    """
    return Glm5Settings(weights=_parse_weights(env), max_replicas=_parse_max_replicas(env))


def _parse_weights(env: Mapping[str, str]) -> Literal["real", "dummy"]:
    match env.get(WEIGHTS_VARIABLE, "real"):
        case "real":
            return "real"
        case "dummy":
            return "dummy"
        case other:
            raise SettingsError(f"{WEIGHTS_VARIABLE} is {other!r}; it accepts real or dummy")


def _parse_max_replicas(env: Mapping[str, str]) -> int:
    text = env.get(MAX_REPLICAS_VARIABLE, str(Glm5Settings.max_replicas))
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{MAX_REPLICAS_VARIABLE} is {text!r}; it accepts a whole number of at least 1")
    return int(text)


def server_command(settings: Glm5Settings) -> list[str]:
    """The command that serves the model, for the container; it holds no secret."""
    options: dict[str, str | int | float] = {
        "host": "0.0.0.0",  # noqa: S104 - of a container that only Modal's proxy reaches
        "port": settings.port,
        "model-path": settings.model,
        "served-model-name": settings.served_name,
        "tp-size": settings.gpu_count,
        "tool-call-parser": "glm47",
        "reasoning-parser": "glm45",
        "kv-cache-dtype": "fp8_e4m3",
        "mem-fraction-static": settings.memory_fraction,
        "max-running-requests": settings.max_running_requests,
        "cuda-graph-max-bs": settings.max_running_requests,
        "chunked-prefill-size": settings.prefill_chunk_tokens,
        "speculative-algorithm": "EAGLE",
        "speculative-num-steps": settings.draft_steps,
        "speculative-eagle-topk": settings.draft_top_k,
        "speculative-num-draft-tokens": settings.draft_tokens,
    }
    if settings.weights == "dummy":
        options["load-format"] = "dummy"
    command = ["python3", "-m", "sglang.launch_server", "--trust-remote-code", "--enable-metrics"]
    return command + [part for name, value in options.items() for part in (f"--{name}", str(value))]


def server_environment(settings: Glm5Settings) -> dict[str, str]:
    """Where caches are, and that a server never downloads weights: GPUs would be paid for waiting."""
    environment = {
        "HF_HOME": settings.weights_volume.path,
        "SGLANG_DG_CACHE_DIR": settings.deepgemm_volume.path,
        "DG_JIT_CACHE_DIR": settings.deepgemm_volume.path,
        "FLASHINFER_WORKSPACE_BASE": settings.flashinfer_volume.path,
    }
    # A rehearsal has no weights but still needs the small files that say what the model looks like.
    return environment | ({"HF_HUB_OFFLINE": "1"} if settings.weights == "real" else {})


def carried_environment(settings: Glm5Settings) -> dict[str, str]:
    """The variables that make a container read the settings that were deployed."""
    return {WEIGHTS_VARIABLE: settings.weights, MAX_REPLICAS_VARIABLE: str(settings.max_replicas)}
