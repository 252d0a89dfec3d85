"""The control channel: one JSON request a line on stdin, one JSON answer a line on stdout.

A request is `{"id": …, "op": …, …}`; its answer `{"id": …, "result": …}` or `{"id": …, "error": text}`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from google.protobuf.json_format import MessageToDict
from modal_proto import api_pb2

from .faults import FaultPlan, parse_planned
from .sandbox import Sandbox
from .world import Limits, World

Request = Mapping[str, object]
Operation = Callable[[World, Request], Awaitable[object]]


async def answer(world: World, line: str) -> str:
    """Carries out one request. Every mistake in it becomes its answer."""
    request_id: object = None
    try:
        request: Request = json.loads(line)
        request_id = request.get("id")
        operation = OPERATIONS[str(request["op"])]
        return json.dumps({"id": request_id, "result": await operation(world, request)})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return json.dumps({"id": request_id, "error": f"{type(error).__name__}: {error}"})


async def plan_fault(world: World, request: Request) -> object:
    """Plans a fault for coming calls."""
    world.faults.planned.append(parse_planned(request))
    return None


async def clear_faults(world: World, _: Request) -> object:
    """Forgets the planned faults."""
    world.faults = FaultPlan()
    return None


async def set_limits(world: World, request: Request) -> object:
    """Sets what the account is allowed."""
    most = request.get("maxSandboxes")
    world.limits = Limits(
        max_sandboxes=None if most is None else int(str(most)),
        start_delay_s=float(str(request.get("startDelayS", 0))),
    )
    return None


async def end_sandbox(world: World, request: Request) -> object:
    """Ends a sandbox as Modal would; `forget` makes its id unknown as well."""
    sandbox = _sandbox(world, request)
    status = api_pb2.GenericResult.GenericStatus.Value(f"GENERIC_STATUS_{request.get('status')}")
    sandbox.finish(status, str(request.get("exception", "")))
    if request.get("forget") is True:
        del world.sandboxes[sandbox.id]
        del world.tasks[sandbox.task_id]
    return None


async def lose_execs(world: World, request: Request) -> object:
    """Kills the commands of a sandbox and forgets that they ran."""
    _sandbox(world, request).lose_execs()
    return None


async def expire_tokens(world: World, _: Request) -> object:
    """Makes every router token invalid."""
    world.router_tokens.clear()
    return None


async def add_secret(world: World, request: Request) -> object:
    """Adds a named secret."""
    env: Mapping[object, object] = dict(cast("Mapping[object, object]", request["env"]))
    world.new_secret({str(key): str(value) for key, value in env.items()}, str(request["name"]))
    return None


async def count_calls(world: World, _: Request) -> object:
    """How often each call came, refused ones included."""
    return dict(world.calls)


async def describe_sandboxes(world: World, _: Request) -> object:
    """Every sandbox, oldest first: what was asked for and how it stands. Names of variables, never values."""
    return [_describe(sandbox) for sandbox in world.sandboxes.values()]


async def find_text(world: World, request: Request) -> object:
    """The places of the server's memory that hold a text: to prove that a secret is not there."""
    text = str(request["text"])
    places: dict[str, object] = {
        "tags": [sandbox.tags for sandbox in world.sandboxes.values()],
        "definitions": [str(sandbox.plan.definition) for sandbox in world.sandboxes.values()],
        "environments": [sandbox.env for sandbox in world.sandboxes.values()],
        "commands": [list(e.argv) for s in world.sandboxes.values() for e in s.execs.values()],
        "secrets": list(world.secrets.values()),
    }
    return [name for name, value in places.items() if text in repr(value)]


async def reset(world: World, _: Request) -> object:
    """Ends every sandbox and forgets faults, limits and counts."""
    await world.reset()
    return None


OPERATIONS: dict[str, Operation] = {
    "fault": plan_fault,
    "clearFaults": clear_faults,
    "limits": set_limits,
    "endSandbox": end_sandbox,
    "loseExecs": lose_execs,
    "expireTokens": expire_tokens,
    "secret": add_secret,
    "calls": count_calls,
    "sandboxes": describe_sandboxes,
    "find": find_text,
    "reset": reset,
}


def _sandbox(world: World, request: Request) -> Sandbox:
    return world.sandboxes[str(request["sandboxId"])]


def _describe(sandbox: Sandbox) -> dict[str, object]:
    result = sandbox.result
    name = api_pb2.GenericResult.GenericStatus.Name
    return {
        "id": sandbox.id,
        "taskId": sandbox.task_id,
        "v2": sandbox.plan.v2,
        "tags": sandbox.tags,
        "definition": MessageToDict(sandbox.plan.definition, preserving_proto_field_name=True),
        "envNames": list(sandbox.plan.env_names),
        "status": "running" if result is None else name(result.status).removeprefix("GENERIC_STATUS_"),
        "runningExecs": sum(running.returncode is None for running in sandbox.execs.values()),
    }
