"""The sandbox image as Modal would get it, and its commands as a shell would run them."""

import json
import re
from pathlib import Path

import pytest

from sandbox_image import (
    APP_NAME,
    DEPENDENCIES_PATH,
    REPOSITORY,
    WORKER_PATH,
    ImageSettingsError,
    SandboxImageSettings,
    build_image,
    describe_image,
    main,
    plan_dependencies,
    worker_install_command,
    worker_manifests,
)

from .recording_modal import recording_modal


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a built worker."""
    root = tmp_path / "repository"
    for path in (
        "package.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "packages/core/package.json",
        "packages/core/dist/index.js",
        "packages/core/dist/index.js.map",
        "packages/worker/package.json",
        "packages/worker/dist/index.js",
        "packages/worker/dist/main.js",
    ):
        write(root / path)
    return root


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A repository with a manifest, still without a lockfile."""
    root = tmp_path / "target"
    write(root / "package.json")
    return root


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n", encoding="utf-8")


def test_image_has_node_the_tools_and_the_worker(repository: Path) -> None:
    with recording_modal() as (recording, client, _url):
        image_id = build_image(describe_image(SandboxImageSettings(), repository), client)
        layers = [line for line in recording.image_layers(image_id) if line != "FROM base"]
    assert layers[0] == "FROM node:24.21.0-bookworm-slim"
    commands = [line for line in layers if line.startswith("RUN")]
    apt = next(line for line in commands if "apt-get install" in line)
    assert {"git", "jq", "ripgrep", "build-essential", "ca-certificates"} <= set(apt.split())
    assert commands[-2:] == [
        "RUN npm install --global --no-audit --no-fund pnpm@12.21.0",
        f"RUN cd {WORKER_PATH} && {worker_install_command()}",
    ]
    assert layers[-1] == "WORKDIR /workspace"
    assert recording.of("AppGetOrCreate")[0].app_name == APP_NAME


def test_the_worker_is_installed_before_its_code_is_copied(repository: Path) -> None:
    with recording_modal() as (recording, client, _url):
        image_id = build_image(describe_image(SandboxImageSettings(), repository), client)
        layers = recording.image_layers(image_id)
    steps = [line for line in layers if line.startswith("FILE") or WORKER_PATH in line]
    packages = f"FILE {WORKER_PATH}/packages"
    assert [line for line in steps if not line.startswith("RUN")] == [
        f"FILE {WORKER_PATH}/package.json",
        f"FILE {WORKER_PATH}/pnpm-lock.yaml",
        f"FILE {WORKER_PATH}/pnpm-workspace.yaml",
        f"{packages}/core/package.json",
        f"{packages}/worker/package.json",
        # Nothing of this changes the layers above; nothing that only serves debugging is sent.
        f"{packages}/core/dist/index.js",
        f"{packages}/worker/dist/index.js",
        f"{packages}/worker/dist/main.js",
    ]
    assert steps[5].startswith("RUN")


def test_nothing_switches_development_dependencies_off_or_names_a_person(repository: Path) -> None:
    with recording_modal() as (recording, client, _url):
        image_id = build_image(describe_image(SandboxImageSettings(), repository), client)
        text = "\n".join(recording.image_layers(image_id))
    assert "NODE_ENV" not in text
    assert "git config" not in text
    assert "user.email" not in text
    assert recording.of("SecretGetOrCreate") == []


@pytest.mark.parametrize(
    ("lockfile", "command"),
    [
        ("package-lock.json", "npm ci --include=dev --no-audit --no-fund --ignore-scripts"),
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile --prod=false --ignore-scripts"),
    ],
)
def test_dependencies_of_a_target_are_a_layer(
    repository: Path, target: Path, lockfile: str, command: str
) -> None:
    write(target / lockfile)
    with recording_modal() as (recording, client, _url):
        image_id = build_image(describe_image(SandboxImageSettings(), repository, target), client)
        layers = recording.image_layers(image_id)
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


def test_a_worker_that_is_not_built_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "packages/worker/dist/index.js").unlink()
    with pytest.raises(ImageSettingsError, match=r"packages/worker/dist is not built: npm run build"):
        describe_image(SandboxImageSettings(), repository)
    assert main(["--target", str(repository / "nowhere")]) == 2
    assert capsys.readouterr().err != ""


def test_versions_are_those_of_the_repository() -> None:
    settings = SandboxImageSettings()
    manifest = json.loads((REPOSITORY / "package.json").read_text(encoding="utf-8"))
    assert settings.pnpm == manifest["packageManager"]
    lockfile = (REPOSITORY / "pnpm-lock.yaml").read_text(encoding="utf-8")
    assert (
        re.findall(r"^  node@(.+):$", lockfile, re.MULTILINE)[0] == settings.base.split(":")[1].split("-")[0]
    )
    assert all(path.is_file() for path in worker_manifests(REPOSITORY))
