"""Faults that tests plan: which call fails, how, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grpclib.const import Status

When = Literal["before", "after"]


@dataclass(frozen=True)
class Refuse:
    """Answers with a status. `after`: the call took effect, only its answer is lost."""

    status: Status
    message: str
    retry_after_s: float | None = None
    when: When = "before"


@dataclass(frozen=True)
class Delay:
    """Answers later."""

    seconds: float


@dataclass(frozen=True)
class Hang:
    """Never answers."""


@dataclass(frozen=True)
class Cut:
    """Breaks the whole connection, of a streamed answer after this many bytes of it."""

    after_bytes: int = 0


Fault = Refuse | Delay | Hang | Cut


@dataclass
class Planned:
    """A fault for the next `times` matching calls, after letting `skip` of them pass. No `times`: always."""

    rpc: str
    fault: Fault
    sandbox_id: str | None = None
    times: int | None = 1
    skip: int = 0


@dataclass
class FaultPlan:
    """The faults still to come, in the order they were planned."""

    planned: list[Planned] = field(default_factory=list[Planned])

    def take(self, rpc: str, sandbox_id: str | None) -> Fault | None:
        """The fault of this call, if any, and one time less of it."""
        for entry in self.planned:
            if entry.rpc != rpc or entry.sandbox_id not in (None, sandbox_id):
                continue
            if entry.skip > 0:
                entry.skip -= 1
                continue
            if entry.times is not None:
                entry.times -= 1
                if entry.times == 0:
                    self.planned.remove(entry)
            return entry.fault
        return None


def parse_planned(request: Mapping[str, object]) -> Planned:
    """Reads the `fault` request of the control channel.

    Raises:
        ValueError, KeyError: a field is missing or unknown.
    """
    sandbox = request.get("sandboxId")
    times = request.get("times", 1)
    return Planned(
        rpc=str(request["rpc"]),
        fault=_parse_fault(request),
        sandbox_id=None if sandbox is None else str(sandbox),
        times=None if times is None else int(str(times)),
        skip=int(str(request.get("skip", 0))),
    )


def _parse_fault(request: Mapping[str, object]) -> Fault:
    kind = request["kind"]
    if kind == "refuse":
        retry_after = request.get("retryAfterS")
        return Refuse(
            Status[str(request["status"])],
            str(request.get("message", "refused by the fault plan")),
            None if retry_after is None else float(str(retry_after)),
            "after" if request.get("when") == "after" else "before",
        )
    if kind == "delay":
        return Delay(float(str(request["seconds"])))
    if kind == "hang":
        return Hang()
    if kind == "cut":
        return Cut(int(str(request.get("afterBytes", 0))))
    raise ValueError(f"unknown kind of fault: {kind}")
