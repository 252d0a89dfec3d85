"""Checks AgentSwarm's use of real Modal, for a person with an account; costs a few cents, `server` much more.

npm run -s python -- scripts/test_sandbox.py image|basic|server|full|all
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "infra"))

import modal

import glm5_client
from glm5_settings import SettingsError
from live_checks import CheckError, Place, check_basic, check_full, check_image
from openai_endpoint import EndpointError
from sandbox_image import APP_NAME, ImageSettingsError, SandboxImageSettings, build_image, describe_image

SANDBOX_CHECKS: dict[str, Callable[[Place], str]] = {
    "image": check_image,
    "basic": check_basic,
    "full": check_full,
}
"""In the order `all` runs them; what costs most, `server`, comes last."""

FAILURES = (CheckError, EndpointError, glm5_client.UsageError, SettingsError, modal.exception.Error)


def main(arguments: Sequence[str]) -> int:
    """Exit code 0: all of it holds; 1: something does not; 2: something is missing to begin with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("check", choices=[*SANDBOX_CHECKS, "server", "all"])
    chosen: str = parser.parse_args(arguments).check
    names = [*SANDBOX_CHECKS, "server"] if chosen == "all" else [chosen]
    try:
        place = _prepare() if names != ["server"] else None
    except (ImageSettingsError, modal.exception.AuthError) as error:
        print(error, file=sys.stderr)
        return 2
    except modal.exception.Error as error:
        print(f"preparing … FAILED\n  {error}")
        return 1
    return max(_report(name, place) for name in names)


def _prepare() -> Place:
    app = modal.App.lookup(APP_NAME, create_if_missing=True)
    image = describe_image(SandboxImageSettings())
    print(f"image: {build_image(image)}", flush=True)
    return Place(app=app, image=image)


def _report(name: str, place: Place | None) -> int:
    started = time.monotonic()
    print(f"{name} … ", end="", flush=True)
    try:
        seen = _run(name, place)
    except FAILURES as error:
        print(f"FAILED ({time.monotonic() - started:.1f} s)\n  {error}")
        return 1
    print(f"ok ({time.monotonic() - started:.1f} s): {seen}")
    return 0


def _run(name: str, place: Place | None) -> str:
    if place is None or name == "server":
        return glm5_client.run(["check"], os.environ)
    return SANDBOX_CHECKS[name](place)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
