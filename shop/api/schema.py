"""The papers of the API as OpenAPI 3.1: of the inputs by drf-spectacular, the rest from what the views have told."""

import re
from functools import cache
from typing import Any, cast

import yaml
from django.conf import settings
from django.utils import translation
from django.utils.module_loading import import_string
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from shop.access import PUBLIC
from shop.api.refusals import STATUS_OF, titles
from shop.api.told import SHAPES, Shape, Told
from shop.rights import RIGHTS

PROBLEM = "application/problem+json"
ALWAYS = (400, 401, 403, 429, 503)
OF_A_BODY = (413, 415)
OF_A_COMMAND = (409, 411, 422)
JSON = "application/json"

Problem = Shape(
    "Problem",
    {
        "type": "urn:regulars:problem:invalid",
        "title": "The request is not right.",
        "status": 400,
        "code": "invalid",
        "detail": "Some values are not right.",
        "request_id": "5f0c7a1e9b3d2c48",
        "errors": {"total": ["Write a number such as 12.50, without a sign."]},
        "retry_after": 5,
    },
    sometimes="errors retry_after",
    free="errors",
    open=True,
    notes={
        "code": "For programs; it stays when the words change.",
        "errors": "By field, what is not right.",
        "request_id": "Quote it when you ask us.",
    },
)


class Papers(AutoSchema):
    """One operation. Whatever a view does not tell is missed by a test (tests/api/test_papers.py)."""

    view: Any

    @property
    def told(self) -> Told:
        return self.view.told[self.method]

    def is_excluded(self) -> bool:
        return self.view.right == PUBLIC

    def get_operation_id(self) -> str:
        words = [word for word in re.findall(r"\w+", self.told.title) if word not in ("a", "an", "the")]
        first, *others = words
        return first.lower() + "".join(word.capitalize() for word in others)

    def get_summary(self) -> str:
        return self.told.title

    def get_description(self) -> str:  # type: ignore[override]
        return self.told.text

    def get_tags(self) -> list[str]:
        route = self.path.removeprefix("/api/v1/")
        return [next((name for name, _text, pattern in groups() if re.match(pattern, route)), "Other")]

    def get_auth(self) -> list[dict[str, Any]]:
        return [{"key": [self.right]}]

    def get_extensions(self) -> dict[str, Any]:
        return {"x-scope": self.right}

    @property
    def right(self) -> str:
        return str(self.view.rights_by_method.get(self.method, self.view.right))

    @property
    def refusals(self) -> tuple[str, ...]:
        sealed = self.method == "POST" and getattr(self.view, "secretive", False)
        return (*self.told.refusals, "answer_unreadable") if sealed else self.told.refusals

    def get_request_serializer(self) -> None:
        """Told by `told`."""

    def get_response_serializers(self) -> None:
        """Told by `told`."""

    # ---- What is sent -----------------------------------------------------------------------------
    def _get_parameters(self) -> list[dict[str, Any]]:
        found = [one for one in super()._get_parameters() if one["in"] == "path"]
        for one in found:
            one["description"] = IN_THE_ADDRESS.get(one["name"], f"The number of the {one['name']}.")
        if self.told.list_of:
            found += [_parameter(name, PAGING[name]) for name in self.told.paged]
        asked = self.told.query() if callable(self.told.query) else self.told.query
        found += [_parameter(name, what) for name, what in asked.items()]
        if hasattr(self.view, "key_required") and self.method == "POST":
            found.append({**IDEMPOTENCY_KEY, "required": self.view.key_required})
        return found

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        if self.told.body is None:
            return None
        body = self.told.body
        if isinstance(body, Shape):
            schema, example = body.ref, body.example
        else:
            component = self.resolve_serializer(body(), "request")
            schema = component.ref if component else {"type": "object", "maxProperties": 0}
            example = self.told.example if self.told.example is not None else getattr(body, "example", {})
        content = {"schema": schema, "examples": {"usual": {"value": example}}}
        return {"content": {JSON: content}, "required": True}

    def _map_serializer(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> dict[str, Any]:
        """With the sentences on its fields, and its own about itself only."""
        schema = super()._map_serializer(serializer, direction, bypass_extensions)
        schema.pop("description", None)
        if text := vars(type(serializer)).get("__doc__"):
            schema["description"] = text
        for name, sentence in getattr(serializer, "says", {}).items():
            if name in schema.get("properties", {}):
                found = schema["properties"][name]
                found = {"allOf": [found]} if "$ref" in found else found
                schema["properties"][name] = {**found, "description": sentence}
        return schema

    # ---- What is answered -------------------------------------------------------------------------
    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        found = {str(status): self._answer(status) for status in self.told.status}
        return found | {str(status): self._refusal(status) for status in self._refused()}

    def _answer(self, status: int) -> dict[str, Any]:
        shape = self.told.list_of or self.told.answer
        if self.told.list_of:
            schema, example = _page(shape), {"results": [shape.example], "next": None}
        else:
            schema, example = shape.ref, shape.example
        return {
            "description": SAID[status],
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
            "content": {JSON: {"schema": schema, "examples": {"usual": {"value": example}}}},
        }

    def _refused(self) -> list[int]:
        codes = {*ALWAYS, *(STATUS_OF.get(code, 409) for code in self.refusals)}
        if "{" in self.path or self.told.missing:
            codes.add(404)
        if self.method == "POST":
            codes |= {*OF_A_BODY}
            codes |= {*OF_A_COMMAND} if hasattr(self.view, "key_required") else set()
        return sorted(codes)

    def _refusal(self, status: int) -> dict[str, Any]:
        own = [code for code in self.refusals if STATUS_OF.get(code, 409) == status]
        if not own:
            return {"$ref": f"#/components/responses/Problem{status}"}
        codes = [*own, *GENERAL.get(status, ())]
        return _problem_response(status, codes)


@cache
def groups() -> tuple[tuple[str, str, str], ...]:
    """(name, sentence, addresses) of each part of the papers, in their order."""
    return tuple(import_string(settings.API_GROUPS))


# Codes that are not of one address.
GENERAL: dict[int, tuple[str, ...]] = {
    400: ("bad_request", "invalid", "idempotency_key_missing", "idempotency_key_invalid"),
    401: ("not_authenticated",),
    403: ("scope_missing",),
    404: ("not_found",),
    409: ("request_in_progress",),
    411: ("length_required",),
    413: ("too_large",),
    415: ("unsupported_media_type",),
    422: ("idempotency_key_reused",),
    429: ("too_many_requests",),
    503: ("not_available",),
}
SAID = {200: "Done, or found.", 201: "Made."}
IN_THE_ADDRESS = {
    "customer": "The number of the customer, or what your program calls them: `shop:c-7`.",
    "source": "Whose reference it is: `shop`, or the name your program sends.",
    "reference": "The number of the order there. It may hold slashes.",
}
PAGING: dict[str, Any] = {
    "limit": {
        "description": "How many, 1 to 200.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 100},
    },
    "cursor": "The `next` of the page before.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "One for each thing you want done once: sent again, it gives the first answer again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
HEADERS = {
    "RateLimit-Limit": "Requests a minute that the key may send.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until all are there again.",
}


def _parameter(name: str, what: Any) -> dict[str, Any]:
    told = what if isinstance(what, dict) else {"description": what, "schema": {"type": "string"}}
    return {"name": name, "in": "query", "required": False, **told}


def _page(shape: Shape) -> dict[str, Any]:
    following = {"type": ["string", "null"], "description": "Send it as `cursor`; null on the last page."}
    return {
        "type": "object",
        "properties": {"results": {"type": "array", "items": shape.ref}, "next": following},
        "required": ["results", "next"],
        "additionalProperties": False,
    }


def _problem_response(status: int, codes: Any) -> dict[str, Any]:
    example = {"title": titles().get(status, ""), "status": status, "detail": "", "request_id": "5f0c7a1e9b3d2c48"}
    examples = {code: {"value": {"type": f"urn:regulars:problem:{code}", "code": code, **example}} for code in codes}
    listed = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": f"{titles().get(status, '')} Code: {listed}.",
        "content": {PROBLEM: {"schema": Problem.ref, "examples": examples}},
    }


def complete(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """The parts that operations point at."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in schemas.items():
        if name.endswith("Input"):
            schema["additionalProperties"] = False
    schemas |= {name: shape.schema for name, shape in SHAPES.items()}
    number = {"schema": {"type": "integer"}}
    result["components"] |= {
        "schemas": dict(sorted(schemas.items())),
        "headers": {name: {"description": what, **number} for name, what in HEADERS.items()},
        "responses": {f"Problem{status}": _problem_response(status, codes) for status, codes in GENERAL.items()},
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "`rg_….…`, made in Settings."}},
    }
    result["paths"] = dict(_with_names(path, methods) for path, methods in result["paths"].items())
    used = {tag for methods in result["paths"].values() for one in methods.values() for tag in one["tags"]}
    result["tags"] = [{"name": name, "description": text} for name, text, _pattern in groups() if name in used]
    result["x-scopes"] = {name: str(label) for name, label in RIGHTS.items()}
    return result


def _with_names(path: str, methods: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """/customers/{pk}/ is the customer's, any other {pk} a number of ours."""
    name = "customer" if "customers/{pk}" in path else "id"
    for operation in methods.values():
        for one in operation.get("parameters", []):
            if (one["in"], one["name"]) == ("path", "pk"):
                one |= {"name": name, "description": IN_THE_ADDRESS.get(name, "Its number.")}
    return path.replace("{pk}", f"{{{name}}}"), methods


@cache
def papers() -> dict[str, Any]:
    """The whole document, in English, the same for every shop."""
    with translation.override("en"):
        return cast("dict[str, Any]", SchemaGenerator().get_schema(request=None, public=True))


def written(document: dict[str, Any]) -> str:
    return yaml.dump(document, sort_keys=False, allow_unicode=True, width=120, Dumper=_Plain)


class _Plain(yaml.SafeDumper):
    """The same part twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
