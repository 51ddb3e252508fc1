"""Programs read what a customer allows, tighten it, and pass on a yes with its words."""

import json

import pytest
from django.test import Client

from crm.models import Consent
from tests import build

EMAIL = "ana@people.example"
YES = {"address": "Ana@People.example", "yes": ["offers"], "method": "web_form", "wording": "Yes, offers."}


def client(*scopes):
    return Client(headers={"authorization": f"Bearer {build.api_key('till', *scopes)}"})


def tell(customer, body, *scopes, **headers):
    address = f"/api/v1/customers/{customer.pk}/consents/"
    return client(*(scopes or ["customers.edit"])).post(address, json.dumps(body), "application/json", headers=headers)


def test_a_yes_with_its_words_is_kept_and_read_again(ana):
    told = tell(ana, YES)
    read = client("customers.view").get(f"/api/v1/customers/{ana.pk}/consents/")

    assert (told.status_code, read.status_code) == (200, 200)
    offers = read.json()["addresses"][0]["purposes"]["offers"]
    assert (offers["state"], offers["method"], offers["wording"]) == ("given", "web_form", "Yes, offers.")
    assert told.json() == read.json()
    assert Consent.objects.get().source == "till"


@pytest.mark.parametrize(
    "body",
    [
        {**YES, "wording": ""},
        {**YES, "wording": "   "},
        {key: value for key, value in YES.items() if key != "method"},
        {**YES, "method": "import"},
        {**YES, "method": "page"},
        {**YES, "yes": ["offers", "everything"]},
        {**YES, "no": ["offers"]},
        {"address": EMAIL},
        {**YES, "state": "given"},
    ],
)
def test_a_yes_without_method_and_words_is_refused(ana, body):
    assert tell(ana, body).status_code == 400
    assert not Consent.objects.exists()


def test_a_no_always_counts(ana, sam):
    Consent.say(ana, "email", EMAIL, {"offers": "given"}, method="phone", wording="Yes.")

    assert tell(ana, {"address": EMAIL, "no": ["offers", "birthday"]}).status_code == 200

    held = Consent.objects.current("email", EMAIL)
    assert {purpose: row.state for purpose, row in held.items()} == {"offers": "withdrawn", "birthday": "refused"}


def test_told_twice_is_once(ana):
    assert [tell(ana, YES).status_code for _ in range(2)] == [200, 200]
    assert Consent.objects.count() == 1


def test_only_addresses_of_the_customer(ana, ben):
    answer = tell(ana, {**YES, "address": "ben@people.example"})

    assert (answer.status_code, answer.json()["code"]) == (409, "address_unknown")


@pytest.mark.parametrize(("scope", "read", "told"), [("customers.view", 200, 403), ("customers.edit", 403, 200)])
def test_reading_and_telling_need_their_own_scopes(ana, scope, read, told):
    assert client(scope).get(f"/api/v1/customers/{ana.pk}/consents/").status_code == read
    assert tell(ana, YES, scope).status_code == told


def test_a_customer_that_is_not_there(db):
    assert client("customers.view").get("/api/v1/customers/999999/consents/").status_code == 404
