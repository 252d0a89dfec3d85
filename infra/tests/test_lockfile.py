"""The lockfile is what pyproject.toml asks for, and nothing is installed unchecked."""

import re
import tomllib

from packaging.requirements import Requirement

from sandbox_image import REPOSITORY

INFRA = REPOSITORY / "infra"
PINNED = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)[^\\\n]*\\\n(?P<hashes>(?: {4}--hash=sha256:\w+.*\n?)+)", re.M
)


def test_every_dependency_is_pinned_within_its_range() -> None:
    project = tomllib.loads((INFRA / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    text = (INFRA / "requirements.txt").read_text(encoding="utf-8")
    pinned = {match["name"]: match["version"] for match in PINNED.finditer(text)}
    assert len(wanted) >= 4
    for requirement in wanted:
        assert requirement.specifier.contains(pinned[requirement.name]), requirement.name


def test_every_pin_has_hashes() -> None:
    text = (INFRA / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9-]+==", text, re.M)
    assert len(pins) > 20
    assert len(PINNED.findall(text)) == len(pins)
