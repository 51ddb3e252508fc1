"""A thousand secrets that open something, handed out and used: whoever has a copy of what is kept has none of them."""

import base64
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from crm.models import CustomerToken, Webhook
from feedback.answering.tokens import issue as issue_answer
from shop.links import LASTS
from shop.models import ApiKey, StaffToken
from tests import build
from tests.crm.privacy import everywhere

EACH = 84  # of twelve kinds
USED = 4
PAGES = {
    StaffToken.Purpose.RESET: "shop:reset",
    StaffToken.Purpose.INVITE: "shop:invitation",
    CustomerToken.Purpose.ME_CARD: "crm:me_card",
    CustomerToken.Purpose.ME_OPEN: "crm:me_open",
    CustomerToken.Purpose.PREFERENCES: "crm:preferences",
    CustomerToken.Purpose.UNSUBSCRIBE: "crm:unsubscribe",
    CustomerToken.Purpose.COPY: "crm:me_copy",
    CustomerToken.Purpose.COPY_FILE: "crm:me_copy_file",
    "answer": "feedback:form",
}


def links(sam, ana):
    survey = build.survey()
    for purpose in (StaffToken.Purpose.RESET, StaffToken.Purpose.INVITE):
        yield purpose, lambda purpose=purpose: StaffToken.issue(purpose=purpose, lasts=LASTS[purpose], user=sam)
    at = {"customer": ana, "channel": "email", "address": "ana@people.example", "topic": "offers"}
    for purpose in [name for name in PAGES if name not in LASTS and name != "answer"]:
        yield (
            purpose,
            lambda purpose=purpose: CustomerToken.issue(purpose=purpose, lasts=timedelta(days=1), **at),
        )
    yield "answer", lambda: issue_answer(build.invitation(build.customer(), survey))


def opened(sam, ana):
    for purpose, issue in links(sam, ana):
        secrets = [issue() for _ in range(EACH)]
        for secret in secrets[:USED]:
            address = reverse(PAGES[purpose], args=[secret])
            Client(raise_request_exception=False).get(address)
            Client(raise_request_exception=False).post(address, {"password": "short"})
        yield from secrets


def keys():
    for number in range(EACH):
        _key, shown = ApiKey.make(f"program {number}", ["customers.view"])
        if number < USED:
            assert Client(headers={"authorization": f"Bearer {shown}"}).get("/api/v1/tags/").status_code == 200
        yield shown.partition(".")[2]


def sessions(sam):
    for number in range(EACH):
        client = Client()
        client.force_login(sam)
        if number < USED:
            assert client.get("/profile/").status_code == 200
        yield client.cookies["regulars_session"].value


def webhooks():
    """Made over the API, where the answer is kept for whoever sends the request again."""
    key = build.api_key("setup", "keys.manage")
    for number in range(EACH):
        headers = {"authorization": f"Bearer {key}", "idempotency-key": f"hook-{number}"}
        told = {"name": "shop", "url": "https://shop.example/", "kinds": ["order.placed"]}
        if number < USED:
            client = Client(headers=headers)
            yield client.post("/api/v1/webhooks/", told, content_type="application/json").json()["secret"]
        else:
            yield Webhook.make(**told)[1]


def forms_of(secret):
    """As it is handed out, and as a table or a log might write it."""
    bare = secret.removeprefix("whsec_")
    return bare, bare.encode().hex(), base64.b64encode(bare.encode()).decode().rstrip("=")


def test_none_of_a_thousand_secrets_is_in_the_database_in_redis_or_in_the_logs(db, caplog, capfd, sam, ana):
    handed_out = [*opened(sam, ana), *keys(), *sessions(sam), *webhooks()]
    sought = {form for secret in handed_out for form in forms_of(secret)}
    out, err = capfd.readouterr()
    places = {**everywhere.database(), "redis": everywhere.redis_text()}
    places |= {"logs": everywhere.logs_text(caplog.records), "written": out + err}

    assert {place for place, text in places.items() for secret in sought if secret in text} == set()
    assert len(set(handed_out)) == len(handed_out) >= 1000
    assert "shop_apikey" in places
    assert "crm_webhook" in places
    assert "/password/" not in places["logs"]
    assert "api/v1/webhooks/" in places["logs"]
