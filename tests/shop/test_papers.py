"""The papers of the API: whole, true to their own examples, and looked through when they change."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.test import Client
from drf_spectacular.validation import validate_schema

from shop.access import PUBLIC, all_patterns
from shop.api.schema import PROBLEM, papers, written

FILE = Path(settings.BASE_DIR) / "docs" / "api" / "openapi.yaml"
JSON = "application/json"
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in papers()["paths"].items()
    for method, operation in methods.items()
}


def contents(operation):
    """(schema, examples) of the body and of every answer that is not a refusal."""
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    answers = [answer for status, answer in operation["responses"].items() if status < "400"]
    return [one["content"][JSON] for one in [*bodies, *answers]]


def test_the_file_is_what_the_code_says():
    """After a change of the API: bin/manage api_papers."""
    assert yaml.load(FILE.read_text(), yaml.CSafeLoader) == yaml.load(written(papers()), yaml.CSafeLoader)


def test_they_are_openapi():
    validate_schema(papers())


def test_every_address_of_the_api_tells_of_every_method():
    for route, _name, pattern in all_patterns():
        view = getattr(pattern.callback, "cls", None)
        if route.startswith("api/v1/") and view.right != PUBLIC:
            methods = {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
            assert {method.lower() for method in view.told} == methods, route


def test_an_address_names_a_customer_by_the_number_of_another_program_too():
    routes = {route for route, _name, _pattern in all_patterns() if route.startswith("api/v1/customers/<")}

    assert len(routes) >= 12
    assert {route for route in routes if not route.startswith("api/v1/customers/<customer:pk>/")} == set()


def test_the_parts_are_told_in_their_order_and_each_once():
    names = [one["name"] for one in papers()["tags"]]

    assert names[:3] == ["Customers", "Orders", "Points"]
    assert len(set(names)) == len(names)


def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_told_whole(name):
    operation = OPERATIONS[name]

    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert operation["tags"] != ["Other"]
    assert operation["x-scope"]
    assert {"400", "401", "403", "429", "503"} <= set(operation["responses"])
    assert "404" in operation["responses"] or "{" not in name
    assert all(one["description"] for one in operation.get("parameters", []))
    assert all(content["examples"] for content in contents(operation))


@pytest.mark.parametrize("name", OPERATIONS)
def test_its_examples_are_what_it_says_they_are(name):
    for content in contents(OPERATIONS[name]):
        schema = {**content["schema"], "components": papers()["components"]}
        for example in content["examples"].values():
            jsonschema.Draft202012Validator(schema).validate(example["value"])


def test_every_refusal_is_a_problem():
    for operation in OPERATIONS.values():
        for status, answer in operation["responses"].items():
            if status >= "400" and "$ref" not in answer:
                assert set(answer["content"]) == {PROBLEM}


def test_programs_get_them_without_a_key(db):
    answer = Client().get("/api/v1/openapi.json")

    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")
