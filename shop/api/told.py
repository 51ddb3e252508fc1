"""What the papers of the API say of an address: `told = {"POST": Told("Take an order in", …)}` on its view.

The papers (docs/api/openapi.yaml, the page /api/docs/) are made of these, and tests hold the answers against them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Every shape by its name: the components of the papers.
SHAPES: dict[str, "Shape"] = {}

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
AMOUNT = re.compile(r"-?\d+\.\d+")


class Shape:
    """What an answer looks like, told by an example: names and kinds of its members are those of the example.

    `maybe`: members that may be null. `sometimes`: members that may be missing. `choices`: the values one may have.
    `notes`: a sentence on a member. `free`: members whose own members are not known beforehand; `open`: its own.
    Members of a member are named with dots.
    """

    def __init__(
        self,
        name: str,
        example: dict[str, Any],
        *,
        maybe: str = "",
        sometimes: str = "",
        choices: Mapping[str, Sequence[Any]] | None = None,
        notes: Mapping[str, str] | None = None,
        free: str = "",
        open: bool = False,
    ) -> None:
        self.name, self.told = name, example
        self.maybe, self.sometimes, self.free = set(maybe.split()), set(sometimes.split()), set(free.split())
        self.choices, self.notes, self.open = dict(choices or {}), dict(notes or {}), open
        SHAPES[name] = self

    @property
    def ref(self) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{self.name}"}

    @property
    def example(self) -> Any:
        return _plain(self.told)

    @property
    def schema(self) -> dict[str, Any]:
        return self._of(self.told, "") | {"additionalProperties": self.open}

    def _of(self, value: Any, path: str) -> dict[str, Any]:
        found = self._kind(value, path)
        if path in self.choices:
            found["enum"] = list(self.choices[path])
        if path in self.maybe:
            found = _or_nothing(found)
        if path in self.notes:
            found = {**({"allOf": [found]} if "$ref" in found else found), "description": self.notes[path]}
        return found

    def _kind(self, value: Any, path: str) -> dict[str, Any]:
        if isinstance(value, Shape):
            return value.ref
        if path in self.free:
            return (
                {"type": "object"} if isinstance(value, dict) else {"type": "array"} if isinstance(value, list) else {}
            )
        if isinstance(value, dict):
            return self._object(value, path)
        if isinstance(value, list):
            return {"type": "array", "items": self._of(value[0], f"{path}[]") if value else {}}
        if isinstance(value, bool):
            return {"type": "boolean"}
        if isinstance(value, int):
            return {"type": "integer"}
        if isinstance(value, float):
            return {"type": "number"}
        return _text(value)

    def _object(self, value: dict[str, Any], path: str) -> dict[str, Any]:
        names = {name: f"{path}.{name}".lstrip(".") for name in value}
        return {
            "type": "object",
            "properties": {name: self._of(value[name], names[name]) for name in value},
            "required": [name for name in value if names[name] not in self.sometimes],
            "additionalProperties": False,
        }


def _text(value: str) -> dict[str, Any]:
    if MOMENT.fullmatch(value):
        return {"type": "string", "format": "date-time"}
    if DAY.fullmatch(value):
        return {"type": "string", "format": "date"}
    if AMOUNT.fullmatch(value):
        return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
    return {"type": "string"}


def _or_nothing(found: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in found:
        return {"anyOf": [found, {"type": "null"}]}
    if "enum" in found:
        found = {**found, "enum": [*found["enum"], None]}
    return {**found, "type": [found["type"], "null"]}


def _plain(value: Any) -> Any:
    if isinstance(value, Shape):
        return value.example
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Told:
    """One method of an address. `answer` comes with each of `status`; `list_of`: pages of it.

    `query`: what the address may ask, with a sentence or a whole JSON schema each. `refusals`: codes of its own.
    """

    title: str
    text: str = ""
    answer: Any = None
    list_of: Any = None
    body: Any = None
    status: tuple[int, ...] = (200,)
    query: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    example: Any = None
    paged: tuple[str, ...] = ("limit", "cursor")
    missing: bool = False  # 404 also where the address names nothing
