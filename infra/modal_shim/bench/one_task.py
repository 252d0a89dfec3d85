"""The old way: an interpreter that makes one sandbox, runs one command, ends it, and tells what it took."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (the types of the SDK are partly unknown)

import json
import resource
import sys

import modal


def main(text: str) -> None:
    """Runs `echo TEXT` in a sandbox of its own."""
    app = modal.App.lookup("bench", create_if_missing=True)
    sandbox = modal.Sandbox.create("sleep", "infinity", app=app, timeout=120)
    try:
        process = sandbox.exec("echo", text, timeout=60)
        printed = process.stdout.read().strip() == text and process.wait() == 0
    finally:
        sandbox.terminate()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "done": printed,
                "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
                "rssMb": usage.ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
