"""The form that customers answer on: against the floor view, and everything it makes a phone load."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client, override_settings
from django.utils import timezone

from bench.database import database
from bench.pages import _against_floor, _compressed_size, client_of_the_bench, ok
from bench.result import Result
from crm.models import Customer
from feedback.answering import tokens
from feedback.models import Invitation, Survey
from feedback.surveys import ready


def measure(options: Any) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]), database("bench_form"):
        address = tokens.form_url(tokens.issue(invitation_of(Customer.objects.create(given_name="Bench"))), whole=False)
        staff, phone = client_of_the_bench(), Client()
        ratio, _p95, detail = _against_floor(staff, lambda: ok(phone, address))
        yield Result("form: server time", ratio, "x", 3, detail)
        yield _first_view(phone, address)


def invitation_of(customer: Customer) -> Invitation:
    survey = running_survey()
    return Invitation.objects.invite(customer, survey, cause=f"bench:{timezone.now().timestamp()}", trigger="hand")


def running_survey() -> Survey:
    found = Survey.objects.running().filter(kind="nps").first()
    if found is None:
        found = ready.make(ready.ready()["nps"], "nps")
        draft = found.draft
        assert draft is not None
        draft.publish(by=None, actor="")
        found.start(actor="")
    return found


def _first_view(client: Client, address: str) -> Result:
    """The page as it is, files compressed as they are served; the longest of its languages."""
    pages = [client.get(f"{address}?lang={code}").content for code in ("en", "ru", "uk", "pl")]
    html = max(pages, key=len)
    urls = set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', html))
    total = len(html) + sum(_compressed_size(url.decode()) for url in urls)
    detail = f"page {len(html) / 1000:.1f} kB and {len(urls)} files; a logo may add 8 kB"
    return Result("form: bytes of the first view", total / 1000, "kB", 20, detail)
