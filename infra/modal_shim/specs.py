"""Turns checked messages into what the cloud is asked for."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .creator import CreateLimits
from .provider import (
    Account,
    Bounds,
    Credentials,
    ImageSource,
    Network,
    SandboxSpec,
    VolumeMount,
)
from .shell import Launch, ProcessBounds

# Billed until it ends: kept alive by its commands and its timeouts, not by this one.
DEFAULT_COMMAND = ("sleep", "infinity")


def to_seconds(milliseconds: int) -> int:
    """Whole seconds, upwards, as Modal counts them."""
    return math.ceil(milliseconds / 1000)


def account_of(params: Mapping[str, Any], credentials: Credentials | None) -> Account:
    """The account of a `configure` message; its own credentials go first."""
    sent = params.get("credentials")
    return Account(
        app=params["app"],
        backend=params["backend"],
        credentials=Credentials(sent["tokenId"], sent["tokenSecret"]) if sent else credentials,
        server_url=params.get("serverUrl"),
        environment=params.get("environment"),
    )


def limits_of(params: Mapping[str, Any]) -> CreateLimits:
    """The pace of creates of a `configure` message."""
    limits: Mapping[str, Any] = params.get("limits", {})
    usual = CreateLimits()
    return CreateLimits(
        per_second=limits.get("createsPerSecond", usual.per_second),
        burst=limits.get("createBurst", usual.burst),
        concurrent=limits.get("concurrentCreates", usual.concurrent),
        retry_s=limits.get("createRetryMs", usual.retry_s * 1000) / 1000,
    )


def spec_of(params: Mapping[str, Any], common_tags: Mapping[str, str]) -> SandboxSpec:
    """The sandbox of a `sandbox.create` message."""
    idle_ms = params.get("idleTimeoutMs")
    return SandboxSpec(
        image=_image(params.get("image")),
        command=params.get("command", DEFAULT_COMMAND),
        timeout_s=to_seconds(params["timeoutMs"]),
        network=_network(params["network"]),
        tags={**common_tags, **params["tags"]},
        cpu=_bounds(params.get("cpu")),
        memory_mb=_bounds(params.get("memoryMb")),
        idle_timeout_s=None if idle_ms is None else to_seconds(idle_ms),
        workdir=params.get("workdir"),
        env=params.get("env", {}),
        secrets=params.get("secrets", ()),
        volumes=[
            VolumeMount(volume["name"], volume["path"], volume.get("readOnly", False))
            for volume in params.get("volumes", ())
        ],
        region=params.get("region"),
        name=params.get("name"),
    )


def launch_of(argv: Sequence[str], params: Mapping[str, Any]) -> Launch:
    """The command of an `exec.start` message, or one of the shim's own with the same settings."""
    limits: Mapping[str, Any] | None = params.get("limits")
    return Launch(
        argv,
        folder=params.get("cwd"),
        stdin=params.get("stdin", False),
        env=params.get("env", {}),
        label=params.get("label"),
        bounds=None
        if limits is None
        else ProcessBounds(limits.get("fileMb"), limits.get("cpuSeconds"), limits.get("openFiles")),
    )


def _image(image: Mapping[str, str] | None) -> ImageSource:
    if image is None:
        return ImageSource("default")
    for kind in ("id", "name", "registry"):
        if kind in image:
            return ImageSource(kind, image[kind])
    raise ValueError("an image has an id, a name or a registry tag")


def _network(network: Mapping[str, Any]) -> Network:
    return Network(network["kind"], network.get("domains", ()), network.get("cidrs", ()))


def _bounds(bounds: Mapping[str, float] | None) -> Bounds | None:
    if bounds is None:
        return None
    return Bounds(bounds["request"], bounds.get("limit", bounds["request"]))
