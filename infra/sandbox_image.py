"""The image a remote sandbox starts from: Debian slim with Node LTS, tools for agents, the built worker.

What makes a sandbox a development machine, and what must not be in it:

- `NODE_ENV` is not set: with `production` installers leave development dependencies out, compilers and test
  runners among them, and agents start to "repair" the manifest.
- There is no git identity: the worker gives its commits the run's.
- There is no credential of any kind; the repository comes in as a bundle.

`npm run -s python -- infra/sandbox_image.py` builds it and prints its id.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import modal

REPOSITORY = Path(__file__).resolve().parent.parent
APP_NAME = "agentswarm-sandboxes"

WORKER_PATH = "/opt/agentswarm"
WORKER_MAIN = f"{WORKER_PATH}/packages/worker/dist/main.js"
GUARD_MAIN = f"{WORKER_PATH}/packages/sandbox-runner/dist/guard.js"
DEPENDENCIES_PATH = "/opt/dependencies"
"""Holds `node_modules` of the target's lockfile, where the image was built for one."""

WORKER_PACKAGES = ("core", "git", "sandbox-runner", "worker")
"""The worker, the guard of the sandbox, and what they import of this repository."""

ENTRIES = ("worker", "sandbox-runner")
"""The packages whose programs run inside."""


class ImageSettingsError(ValueError):
    """The image cannot be described from what is there; the message names what is missing."""


@dataclass(frozen=True, kw_only=True)
class SandboxImageSettings:
    """What the image is made of."""

    base: str = "node:24.21.0-bookworm-slim"
    """Debian slim with the Node LTS that this repository itself runs on."""

    python_series: str = "3.12"
    """For agents whose target needs it; also what Modal wants of an image from a registry."""

    debian_packages: tuple[str, ...] = (
        "build-essential",  # native add-ons without a prebuilt binary
        "ca-certificates",
        "curl",
        "git",
        "jq",
        "less",
        "procps",  # ps and pkill: agents end the servers they started
        "ripgrep",
        "unzip",
        "xz-utils",
    )

    pnpm: str = "pnpm@12.21.0"
    """As `packageManager` of this repository's package.json has it."""


@dataclass(frozen=True, kw_only=True)
class DependencyLayer:
    """The dependencies of a target's lockfile, installed once for all its sandboxes."""

    files: tuple[Path, ...]
    """Manifest and lockfile, and what the installer reads beside them."""

    command: str


def plan_dependencies(target: Path) -> DependencyLayer:
    """Decides how the dependencies of a target are installed: from its lockfile, development ones included.

    Install scripts do not run, as on a local machine: they are code of strangers that runs before any gate.

    Raises:
        ImageSettingsError: There is no manifest or no lockfile at the top of the target.
    """
    flags = "--ignore-scripts"
    installers = {
        "pnpm-lock.yaml": (("pnpm-workspace.yaml",), f"pnpm install --frozen-lockfile --prod=false {flags}"),
        "package-lock.json": ((), f"npm ci --include=dev --no-audit --no-fund {flags}"),
    }
    manifest = target / "package.json"
    for lockfile, (beside, command) in installers.items():
        if manifest.is_file() and (target / lockfile).is_file():
            extra = tuple(target / name for name in beside if (target / name).is_file())
            return DependencyLayer(files=(manifest, target / lockfile, *extra), command=command)
    raise ImageSettingsError(
        f"{target} has no package.json with a pnpm-lock.yaml or package-lock.json beside it"
    )


def worker_manifests(repository: Path) -> tuple[Path, ...]:
    """The files that decide which packages the worker needs; the layer above them changes only with them."""
    top = tuple(repository / name for name in ("package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"))
    return top + tuple(repository / "packages" / name / "package.json" for name in WORKER_PACKAGES)


def worker_install_command() -> str:
    """Installs what the lockfile pins for worker and guard, and nothing of the rest of the repository."""
    filters = " ".join(f"--filter '@agentswarm/{name}...'" for name in ENTRIES)
    return f"pnpm install --frozen-lockfile --prod --ignore-scripts {filters}"


def built_folders(repository: Path) -> tuple[Path, ...]:
    """The compiled packages of the worker.

    Raises:
        ImageSettingsError: One of them was not built.
    """
    folders = tuple(repository / "packages" / name / "dist" for name in WORKER_PACKAGES)
    for folder in folders:
        if not (folder / "index.js").is_file():
            raise ImageSettingsError(f"{folder.relative_to(repository)} is not built: npm run build")
    return folders


def describe_image(
    settings: SandboxImageSettings, repository: Path = REPOSITORY, target: Path | None = None
) -> modal.Image:
    """Describes the image in layers, the ones that change least first; nothing is built or sent yet.

    Raises:
        ImageSettingsError: The worker is not built, or the target has no lockfile.
    """
    folders = built_folders(repository)
    image = (
        modal.Image.from_registry(settings.base, add_python=settings.python_series)
        .entrypoint([])
        .apt_install(*settings.debian_packages)
        .run_commands(f"npm install --global --no-audit --no-fund {settings.pnpm}")
        .env({"npm_config_update_notifier": "false"})
    )
    if target is not None:
        image = _add_dependencies(image, plan_dependencies(target))
    image = _add_files(image, worker_manifests(repository), (repository, WORKER_PATH))
    image = image.run_commands(f"cd {WORKER_PATH} && {worker_install_command()}")
    for folder in folders:
        place = f"{WORKER_PATH}/{folder.relative_to(repository).as_posix()}"
        image = image.add_local_dir(folder, place, copy=True, ignore=["**/*.map", "**/*.d.ts"])
    return image.workdir("/workspace")


def _add_dependencies(image: modal.Image, layer: DependencyLayer) -> modal.Image:
    folder = layer.files[0].parent
    return _add_files(image, layer.files, (folder, DEPENDENCIES_PATH)).run_commands(
        f"cd {DEPENDENCIES_PATH} && {layer.command}"
    )


def _add_files(image: modal.Image, files: Sequence[Path], move: tuple[Path, str]) -> modal.Image:
    origin, destination = move
    for file in files:
        image = image.add_local_file(file, f"{destination}/{file.relative_to(origin).as_posix()}", copy=True)
    return image


def build_image(image: modal.Image, client: modal.Client | None = None) -> str:
    """Builds the image in the account of the credentials, or finds it built, and returns its id."""
    app = modal.App.lookup(APP_NAME, create_if_missing=True, client=client)
    return image.build(app).object_id


def main(arguments: Sequence[str]) -> int:
    """Builds the image and prints one JSON line with its id."""
    parser = argparse.ArgumentParser(description="Builds the image of remote sandboxes and prints its id.")
    parser.add_argument("--target", type=Path, help="a repository whose dependencies the image will hold")
    typed: Path | None = parser.parse_args(arguments).target
    # npm starts programs at the top of the repository and says where the person was.
    target = None if typed is None else Path(os.environ.get("INIT_CWD", ".")) / typed
    try:
        image = describe_image(SandboxImageSettings(), target=target)
    except ImageSettingsError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({"imageId": build_image(image)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
