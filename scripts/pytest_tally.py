"""A pytest plugin that writes down what `npm test` sums up, with the reason of every skip."""

import json
import os
from pathlib import Path

import pytest

FILE_VARIABLE = "AGENTSWARM_TALLY_FILE"
"""Where the tally goes; set by the process that starts pytest."""


class Tally:
    """Counts the outcomes of tests, and of files that could not be collected."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed = 0
        self._failures: list[str] = []
        self._skips: list[dict[str, str]] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Counts what was left out or broke before any test of it ran."""
        self._count(report.nodeid, report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts a test once when it passed; set-up and clean-up count when they did not."""
        if report.when == "call" and report.passed:
            self._passed += 1
        self._count(report.nodeid, report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Writes the tally; pytest can fail for reasons that no test shows."""
        if exitstatus not in (0, 5) and not self._failures:
            self._failures.append(f"pytest ended with exit code {int(exitstatus)}")
        tally = {"passed": self._passed, "failures": self._failures, "skips": self._skips}
        self._file.write_text(json.dumps(tally), encoding="utf-8")

    def _count(self, test: str, report: pytest.CollectReport | pytest.TestReport) -> None:
        name = f"infra/{test}"
        if report.failed:
            self._failures.append(name)
        elif report.skipped and isinstance(report.longrepr, tuple):
            self._skips.append({"test": name, "reason": report.longrepr[2].removeprefix("Skipped: ")})


def pytest_configure(config: pytest.Config) -> None:
    """Registers the tally where a file for it is named."""
    file = os.environ.get(FILE_VARIABLE)
    if file is not None:
        config.pluginmanager.register(Tally(Path(file)))
