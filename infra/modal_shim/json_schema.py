"""Checks values against the part of JSON Schema that `schema.json` uses.

A keyword it does not know is an error when the schema is loaded, so nothing passes unchecked.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("schema.json")
Schema = Mapping[str, Any]

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
_ANNOTATIONS = frozenset({"description", "contentEncoding", "title"})
_CHECKED = frozenset(
    {
        *("$ref", "type", "const", "enum", "oneOf", "properties", "required", "additionalProperties"),
        *("items", "minItems", "minLength", "pattern", "minimum", "exclusiveMinimum"),
    }
)


@cache
def load_schema() -> Schema:
    """The schema of all messages.

    Raises:
        ValueError: it uses a keyword that this module does not check.
    """
    document: Schema = json.loads(SCHEMA_FILE.read_text())
    parts = [*document["$defs"].values(), document["error"], *document["fromShim"].values()]
    for method in document["methods"].values():
        parts += [method["params"], method["result"]]
    for part in [*parts, *document["toShim"].values()]:
        _check_keywords(part)
    return document


def problems(value: object, schema: Schema, at: str = "") -> list[str]:
    """What of `value` does not fit, each with its place; empty when all of it fits."""
    if "$ref" in schema:
        return problems(value, load_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
    place = at or "the value"
    if "oneOf" in schema:
        fitting = [option for option in schema["oneOf"] if not problems(value, option, at)]
        return [] if len(fitting) == 1 else [f"{place} fits {len(fitting)} of the forms, not one"]
    if "type" in schema and not _TYPES[schema["type"]](value):
        return [f"{place} is not of type {schema['type']}"]
    found = _scalar_problems(value, schema, place)
    if isinstance(value, dict):
        found += _object_problems(value, schema, at)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        found += _list_problems(value, schema, at)  # pyright: ignore[reportUnknownArgumentType]
    return found


def _scalar_problems(value: Any, schema: Schema, place: str) -> list[str]:
    found: list[str] = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{place} is not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place} is none of {', '.join(map(str, schema['enum']))}")
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        found.append(f"{place} is too short")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{place} does not match {schema['pattern']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{place} is below {schema['minimum']}")
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        found.append(f"{place} is not above {schema['exclusiveMinimum']}")
    return found


def _object_problems(value: Mapping[str, Any], schema: Schema, at: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{_inside(at, name)} is missing" for name in schema.get("required", ()) if name not in value]
    others = schema.get("additionalProperties", True)
    for name, part in value.items():
        if name in known:
            found += problems(part, known[name], _inside(at, name))
        elif isinstance(others, dict):
            found += problems(part, others, _inside(at, name))  # pyright: ignore[reportUnknownArgumentType]
        elif not others:
            found.append(f"{_inside(at, name)} is not known")
    return found


def _list_problems(value: list[Any], schema: Schema, at: str) -> list[str]:
    found = [f"{at or 'the value'} has too few items"] if len(value) < schema.get("minItems", 0) else []
    for number, part in enumerate(value):
        found += problems(part, schema.get("items", {}), f"{at}[{number}]")
    return found


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _check_keywords(schema: Schema) -> None:
    unknown = schema.keys() - _ANNOTATIONS - _CHECKED
    if unknown:
        raise ValueError(f"schema.json uses keywords that are not checked: {sorted(unknown)}")
    parts = [*schema.get("properties", {}).values(), *schema.get("oneOf", ())]
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            parts.append(schema[name])
    for part in parts:
        _check_keywords(part)
