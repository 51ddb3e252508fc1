"""A program that talks to the API. What it is answered is held against the papers."""

import json
from functools import cache
from itertools import count
from typing import Any

import jsonschema
from django.test import Client
from django.urls import resolve

from shop.api.schema import papers
from tests import build

keys = (f"key-{number}" for number in count(1))


class Program:
    """Every call has an Idempotency-Key of its own unless one is given; None: none at all."""

    def __init__(self, *scopes: str) -> None:
        self.headers = {"authorization": f"Bearer {build.api_key('program', *scopes)}"}

    def get(self, address: str) -> Any:
        return true_to_the_papers("get", Client(headers=self.headers).get(f"/api/v1/{address}"))

    def post(self, address: str, body: dict[str, Any], *, key: str | None = "") -> Any:
        headers = {**self.headers, **({} if key is None else {"idempotency-key": key or next(keys)})}
        client = Client(headers=headers)
        answer = client.post(f"/api/v1/{address}", json.dumps(body), content_type="application/json")
        return true_to_the_papers("post", answer)


def true_to_the_papers(method: str, answer: Any) -> Any:
    route = _named(resolve(answer.request["PATH_INFO"]).route)
    told = papers()["paths"].get(route, {}).get(method)
    if told and answer.status_code < 400:
        assert str(answer.status_code) in told["responses"], f"{answer.status_code} is not in the papers of {route}"
        _validator(route, method, str(answer.status_code)).validate(answer.json())
    elif told:
        assert str(answer.status_code) in told["responses"], f"{answer.status_code} is not in the papers of {route}"
        assert answer["Content-Type"] == "application/problem+json"
    return answer


@cache
def _named(route: str) -> str:
    """As the papers write it."""
    return next((path for path in papers()["paths"] if _bare(path) == _bare(f"/{route}")), route)


def _bare(path: str) -> str:
    """Without the names of what varies."""
    return "/".join("" if part[:1] in ("<", "{") else part for part in path.split("/"))


@cache
def _validator(route: str, method: str, status: str) -> Any:
    content = papers()["paths"][route][method]["responses"][status]["content"]["application/json"]
    return jsonschema.Draft202012Validator({**content["schema"], "components": papers()["components"]})
