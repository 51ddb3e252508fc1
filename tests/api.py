"""A program that talks to the API."""

import json
from itertools import count
from typing import Any

from django.test import Client

from tests import build

keys = (f"key-{number}" for number in count(1))


class Program:
    """Every call has an Idempotency-Key of its own unless one is given; None: none at all."""

    def __init__(self, *scopes: str) -> None:
        self.headers = {"authorization": f"Bearer {build.api_key('program', *scopes)}"}

    def get(self, address: str) -> Any:
        return Client(headers=self.headers).get(f"/api/v1/{address}")

    def post(self, address: str, body: dict[str, Any], *, key: str | None = "") -> Any:
        headers = {**self.headers, **({} if key is None else {"idempotency-key": key or next(keys)})}
        return Client(headers=headers).post(f"/api/v1/{address}", json.dumps(body), content_type="application/json")
