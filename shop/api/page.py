"""The papers of the API as a page lays them out: parts, operations, fields and an example of each."""

import json
import re
from functools import cache
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join

from shop.api.schema import papers

Schema = dict[str, Any]


class Field(NamedTuple):
    """`depth`: how far it stands inside another."""

    name: str
    kind: str
    required: bool
    text: str
    depth: int


class Operation(NamedTuple):
    id: str
    method: str
    path: str
    title: str
    text: str
    scope: str
    parameters: list[Field]
    fields: list[Field]
    request: str
    answers: list[tuple[str, str]]
    refusals: list[tuple[str, str]]


class Part(NamedTuple):
    id: str
    name: str
    text: str
    operations: list[Operation]


@cache
def parts() -> list[Part]:
    told = papers()
    found = {tag["name"]: Part(_id(tag["name"]), tag["name"], tag["description"], []) for tag in told["tags"]}
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            found[one["tags"][0]].operations.append(_operation(path, method.upper(), one))
    return list(found.values())


def _id(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())


def _operation(path: str, method: str, one: Schema) -> Operation:
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = {status: answer for status, answer in one["responses"].items() if status < "400"}
    refused = {status: _resolved(answer) for status, answer in one["responses"].items() if status >= "400"}
    return Operation(
        one["operationId"],
        method,
        in_steps(path),
        one["summary"],
        worded(one["description"]),
        one["x-scope"],
        [_field(asked["name"], asked["schema"], asked["required"], asked, 0) for asked in one.get("parameters", [])],
        list(_fields(body.get("schema", {}))),
        _curl(path, method, one, _example(body) if body else None),
        [(status, _pretty(_example(answer["content"]["application/json"]))) for status, answer in answers.items()],
        [(status, worded(answer["description"])) for status, answer in refused.items()],
    )


def worded(text: str) -> str:
    """What stands between backticks, as code."""
    pieces = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", one) if at % 2 else one,) for at, one in pieces))


def in_steps(path: str) -> str:
    """May go on in the next line after each slash, and nowhere inside a word."""
    return format_html_join("", "{}<wbr>", ((step,) for step in re.split(r"(?<=[^/]/)(?=.)", path)))


def _example(content: Schema) -> Any:
    return content["examples"]["usual"]["value"]


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _curl(path: str, method: str, one: Schema, body: Any) -> str:
    lines = [f"curl -X {method} https://shop.example{path}", '-H "Authorization: Bearer $KEY"']
    if any(asked["name"] == "Idempotency-Key" and asked["required"] for asked in one.get("parameters", [])):
        lines.append('-H "Idempotency-Key: $ONCE"')
    if body is not None:
        lines += ['-H "Content-Type: application/json"', f"-d '{_pretty(body)}'"]
    return " \\\n  ".join(lines)


def _resolved(schema: Schema) -> Schema:
    if "allOf" in schema:
        (inner,) = schema["allOf"]
        return {**_resolved(inner), **{name: value for name, value in schema.items() if name != "allOf"}}
    if "$ref" not in schema:
        return schema
    found: Any = papers()
    for name in schema["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _fields(schema: Schema, depth: int = 0) -> list[Field]:
    schema, found = _resolved(schema), []
    for name, inner in schema.get("properties", {}).items():
        whole = _resolved(inner)
        found.append(_field(name, whole, name in schema.get("required", []), inner, depth))
        if depth < 2:
            found += _fields(whole.get("items", whole), depth + 1)
    return found


def _field(name: str, schema: Schema, required: bool, told: Schema, depth: int) -> Field:
    text = told.get("description") or schema.get("description", "")
    return Field(name, _kind(schema), required, worded(text), depth)


def _kind(schema: Schema) -> str:
    schema = _resolved(schema)
    if len(schema.get("enum", ())) in range(1, 12):
        return " | ".join(str(one) for one in schema["enum"] if one not in ("", None))
    if "oneOf" in schema:
        return " or ".join(_kind(one) for one in schema["oneOf"])
    kinds = schema.get("type", "anything")
    named = [NAMES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return FORMATS.get(schema.get("format", ""), " or ".join(named))


NAMES = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list"}
FORMATS = {"date-time": "moment", "date": "day", "email": "e-mail"}
