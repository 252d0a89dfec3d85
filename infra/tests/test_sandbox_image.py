"""The sandbox image as Modal would get it, and its commands as a shell would run them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import modal
import pytest

from sandbox_image import (
    APP_NAME,
    DEPENDENCIES_PATH,
    REPOSITORY,
    WORKER_PACKAGES,
    WORKER_PATH,
    ImageSettingsError,
    SandboxImageSettings,
    build_image,
    describe_image,
    plan_dependencies,
    worker_install_command,
    worker_manifests,
)

from .recording_modal import Recorded, recording_modal


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a built worker."""
    root = tmp_path_factory.mktemp("repository")
    for path in (
        "package.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "packages/core/package.json",
        "packages/core/dist/index.js",
        "packages/core/dist/index.js.map",
        "packages/git/package.json",
        "packages/git/dist/index.js",
        "packages/sandbox-runner/package.json",
        "packages/sandbox-runner/dist/index.js",
        "packages/sandbox-runner/dist/guard.js",
        "packages/worker/package.json",
        "packages/worker/dist/index.js",
        "packages/worker/dist/main.js",
    ):
        write(root / path)
    return root


@pytest.fixture(scope="module")
def modal_account() -> Generator[Recorded]:
    """One control plane for all images: each has an id of its own."""
    with recording_modal() as recorded:
        yield recorded


@pytest.fixture(scope="module")
def layers(modal_account: Recorded, repository: Path) -> list[str]:
    """What Modal would build for the image without a target."""
    return layers_of(describe_image(SandboxImageSettings(), repository), modal_account)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A repository with a manifest, still without a lockfile."""
    root = tmp_path / "target"
    write(root / "package.json")
    return root


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n", encoding="utf-8")


def layers_of(image: modal.Image, account: Recorded) -> list[str]:
    layers = account.recording.image_layers(build_image(image, account.client))
    return [line for line in layers if line != "FROM base"]


def test_image_has_node_the_tools_and_the_worker(modal_account: Recorded, layers: list[str]) -> None:
    assert layers[0] == "FROM node:24.21.0-bookworm-slim"
    commands = [line for line in layers if line.startswith("RUN")]
    apt = next(line for line in commands if "apt-get install" in line)
    assert {"git", "jq", "ripgrep", "build-essential", "ca-certificates"} <= set(apt.split())
    assert commands[-2:] == [
        "RUN npm install --global --no-audit --no-fund pnpm@12.21.0",
        f"RUN cd {WORKER_PATH} && {worker_install_command()}",
    ]
    assert layers[-1] == "WORKDIR /workspace"
    assert modal_account.recording.of("AppGetOrCreate")[0].app_name == APP_NAME


def test_the_worker_is_installed_before_its_code_is_copied(layers: list[str]) -> None:
    steps = [line for line in layers if line.startswith("FILE") or WORKER_PATH in line]
    packages = f"FILE {WORKER_PATH}/packages"
    assert [line for line in steps if not line.startswith("RUN")] == [
        f"FILE {WORKER_PATH}/package.json",
        f"FILE {WORKER_PATH}/pnpm-lock.yaml",
        f"FILE {WORKER_PATH}/pnpm-workspace.yaml",
        f"{packages}/core/package.json",
        f"{packages}/git/package.json",
        f"{packages}/sandbox-runner/package.json",
        f"{packages}/worker/package.json",
        # Nothing of this changes the layers above; nothing that only serves debugging is sent.
        f"{packages}/core/dist/index.js",
        f"{packages}/git/dist/index.js",
        f"{packages}/sandbox-runner/dist/guard.js",
        f"{packages}/sandbox-runner/dist/index.js",
        f"{packages}/worker/dist/index.js",
        f"{packages}/worker/dist/main.js",
    ]
    assert steps[7].startswith("RUN")


def test_what_the_image_holds_is_all_that_its_programs_import() -> None:
    held = {f"@agentswarm/{name}" for name in WORKER_PACKAGES}
    for name in WORKER_PACKAGES:
        manifest = json.loads((REPOSITORY / "packages" / name / "package.json").read_text(encoding="utf-8"))
        needed = {other for other in manifest["dependencies"] if other.startswith("@agentswarm/")}
        assert needed <= held


def test_nothing_switches_development_dependencies_off_or_names_a_person(
    modal_account: Recorded, layers: list[str]
) -> None:
    text = "\n".join(layers)
    assert "NODE_ENV" not in text
    assert "git config" not in text
    assert "user.email" not in text
    assert modal_account.recording.of("SecretGetOrCreate") == []


@pytest.mark.parametrize(
    ("lockfile", "command"),
    [
        ("package-lock.json", "npm ci --include=dev --no-audit --no-fund --ignore-scripts"),
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile --prod=false --ignore-scripts"),
    ],
)
def test_dependencies_of_a_target_are_a_layer(
    modal_account: Recorded, repository: Path, target: Path, *, lockfile: str, command: str
) -> None:
    write(target / lockfile)
    layers = layers_of(describe_image(SandboxImageSettings(), repository, target), modal_account)
    assert f"RUN cd {DEPENDENCIES_PATH} && {command}" in layers
    assert [line for line in layers if line.startswith(f"FILE {DEPENDENCIES_PATH}")] == [
        f"FILE {DEPENDENCIES_PATH}/package.json",
        f"FILE {DEPENDENCIES_PATH}/{lockfile}",
    ]


def test_settings_beside_a_pnpm_lockfile_are_taken_along(target: Path) -> None:
    for name in ("pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc"):
        write(target / name)
    names = [file.name for file in plan_dependencies(target).files]
    # A .npmrc may hold a token of whoever builds the image.
    assert names == ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]


def test_a_target_without_lockfile_is_refused(target: Path) -> None:
    with pytest.raises(ImageSettingsError, match=r"no package\.json with a pnpm-lock"):
        plan_dependencies(target)


def test_a_worker_that_is_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageSettingsError, match=r"packages/core/dist is not built: npm run build"):
        describe_image(SandboxImageSettings(), tmp_path)


def test_a_target_that_cannot_be_used_ends_the_command(tmp_path: Path) -> None:
    environment = {**os.environ, "INIT_CWD": str(tmp_path)}
    command = [sys.executable, str(REPOSITORY / "infra" / "sandbox_image.py"), "--target", "nowhere"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert re.search(r"/nowhere has no package\.json|is not built", ended.stderr)


def test_versions_are_those_of_the_repository() -> None:
    settings = SandboxImageSettings()
    manifest = json.loads((REPOSITORY / "package.json").read_text(encoding="utf-8"))
    assert settings.pnpm == manifest["packageManager"]
    lockfile = (REPOSITORY / "pnpm-lock.yaml").read_text(encoding="utf-8")
    assert (
        re.findall(r"^  node@(.+):$", lockfile, re.MULTILINE)[0] == settings.base.split(":")[1].split("-")[0]
    )
    assert all(path.is_file() for path in worker_manifests(REPOSITORY))
