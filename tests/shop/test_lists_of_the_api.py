"""Every list of the API, as its papers tell of it: nothing can be asked that is not on its list of filters."""

import pytest
from django.test import Client
from django.utils import timezone

from analytics import recompute
from analytics.metrics.table import METRICS
from crm.models import Webhook
from shop.api.schema import papers
from shop.rights import RIGHTS
from tests import build
from tests.analytics.shops import AS_OF, random_shop

pytestmark = pytest.mark.django_db
OF_ONE = ("}/", "/forecast/")
LISTS = [path for path, methods in papers()["paths"].items() if "get" in methods and not path.endswith(OF_ONE)]
COUNTED = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}


@pytest.fixture
def program():
    return Client(headers={"authorization": f"Bearer {build.api_key('lists', *RIGHTS)}"})


@pytest.fixture
def named(ana, sam):
    """What stands in the addresses of lists that are of one thing."""
    hook, _secret = Webhook.make(name="shop", url="https://shop.example/", kinds=["*"])
    segment = build.segment(sam, shared_at=timezone.now())
    metric = next(one.name for one in METRICS if one.who)
    return {"customer": ana.pk, "id": hook.pk, "segment_id": segment.pk, "name": metric}


@pytest.fixture
def figures():
    random_shop(20)
    recompute.full(AS_OF)


@pytest.mark.parametrize("path", LISTS)
def test_what_cannot_be_asked_is_refused_by_name_and_every_answer_says_how_much_is_left(path, program, named, request):
    if "metrics" in path:
        request.getfixturevalue("figures")
    address = path.format(**named)

    found, refused = program.get(address), program.get(address, {"no_such_filter": "1"})

    assert (found.status_code, refused.status_code) == (200, 400)
    assert refused["Content-Type"] == "application/problem+json"
    assert "no_such_filter" in str(refused.json()["errors"])
    assert [COUNTED - set(answer.headers) for answer in (found, refused)] == [set(), set()]


@pytest.mark.parametrize("path", LISTS)
def test_whoever_asked_too_often_is_told_when_to_come_back(path, program, named, settings):
    settings.API_PER_MINUTE = 0

    answer = program.get(path.format(**named))

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert set(answer.headers) >= COUNTED
    assert answer["RateLimit-Remaining"] == "0"
    assert answer["Retry-After"] == str(answer.json()["retry_after"])


@pytest.mark.parametrize("name", ["view", "size", "after", "before", "edit"])
def test_what_only_the_page_of_the_list_can_be_asked_is_not_left_out_but_refused(name, program):
    refused = program.get("/api/v1/customers/", {name: "7"})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [name])
