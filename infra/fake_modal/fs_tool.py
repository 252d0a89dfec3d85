"""The file helper of a sandbox: one JSON request as argument, content on stdin and stdout.

Stands for the helper binary that Modal puts into every sandbox. Runs inside the sandbox with the
standard library alone, so it imports nothing of this package. A failure is exit code 1 and one JSON
object on stderr: `error_kind`, `message`.
"""

import grp
import json
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Callable
from typing import Any, NoReturn

Request = dict[str, Any]


def read_file(path: str, _: Request) -> None:
    """Writes the content of a regular file to stdout."""
    with open(path, "rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)


def write_file(path: str, _: Request) -> None:
    """Writes stdin to the file; makes the folders above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)


def list_files(path: str, _: Request) -> None:
    """Writes a JSON array of what is in a folder."""
    print(json.dumps([describe(os.path.join(path, name)) for name in sorted(os.listdir(path))]))


def stat_file(path: str, _: Request) -> None:
    """Writes a JSON object about one path."""
    print(json.dumps(describe(path)))


def make_directory(path: str, request: Request) -> None:
    """Makes a folder, with those above it where `parents` is set."""
    if os.path.lexists(path) and not (request.get("parents") and os.path.isdir(path)):
        fail("PathAlreadyExists", "path already exists")
    if request.get("parents"):
        os.makedirs(path, exist_ok=True)
    else:
        os.mkdir(path)


def remove(path: str, request: Request) -> None:
    """Removes a file, or a folder; a full folder only where `recursive` is set."""
    if os.path.isdir(path) and not os.path.islink(path):
        if request.get("recursive"):
            shutil.rmtree(path)
        else:
            if os.listdir(path):
                fail("DirectoryNotEmpty", "directory not empty")
            os.rmdir(path)
    else:
        os.remove(path)


OPERATIONS: dict[str, Callable[[str, Request], None]] = {
    "ReadFile": read_file,
    "WriteFile": write_file,
    "ListFiles": list_files,
    "Stat": stat_file,
    "MakeDirectory": make_directory,
    "Remove": remove,
}


def describe(path: str) -> dict[str, object]:
    """What `stat` and `list_files` tell about a path."""
    info = os.lstat(path)
    entry: dict[str, object] = {
        "name": os.path.basename(path),
        "path": path,
        "type": kind_of(info.st_mode),
        "size": info.st_size,
        "mode": info.st_mode,
        "permissions": f"{stat.S_IMODE(info.st_mode):04o}",
        "owner": name_of(lambda: pwd.getpwuid(info.st_uid).pw_name, info.st_uid),
        "group": name_of(lambda: grp.getgrgid(info.st_gid).gr_name, info.st_gid),
        "modified_time": info.st_mtime,
    }
    if stat.S_ISLNK(info.st_mode):
        entry["symlink_target"] = os.readlink(path)
    return entry


def kind_of(mode: int) -> str:
    """`symlink`, `directory`, or `file` for everything else."""
    if stat.S_ISLNK(mode):
        return "symlink"
    return "directory" if stat.S_ISDIR(mode) else "file"


def name_of(look_up: Callable[[], str], number: int) -> str:
    """The name of a user or group, or its number where it has none."""
    try:
        return look_up()
    except KeyError:
        return str(number)


def fail(kind: str, message: str) -> NoReturn:
    """Ends with the error the SDK reads."""
    print(json.dumps({"error_kind": kind, "message": message}), file=sys.stderr)
    raise SystemExit(1)


def main(argv: list[str]) -> None:
    """Runs one request; `--root FOLDER` before it maps its path below that folder."""
    root = argv[1] if argv[0] == "--root" else "/"
    [(operation, request)] = json.loads(argv[-1]).items()
    run = OPERATIONS.get(operation)
    if run is None:
        fail("NotSupported", f"{operation} is not supported here")
    try:
        run(os.path.join(root, str(request["path"]).lstrip("/")), request)
    except FileNotFoundError:
        fail("NotFound", "no such file or directory")
    except IsADirectoryError:
        fail("IsDirectory", "is a directory")
    except (NotADirectoryError, FileExistsError):
        fail("NotDirectory", "not a directory")
    except PermissionError:
        fail("PermissionDenied", "permission denied")
    except OSError as error:
        fail("Io", os.strerror(error.errno or 0))


if __name__ == "__main__":
    main(sys.argv[1:])
