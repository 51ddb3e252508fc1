"""A draft of the programme is changed or removed in the instant it is published. Without the guard that fails."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from loyalty.models import EarningRule
from loyalty.models.dated import DatedQuerySet
from loyalty.programme.forms import RuleForm
from tests.conftest import signed_in
from tests.faults.running import wait_until
from tests.loyalty.programme import making
from tests.loyalty.programme.making import typed
from tests.races.gate import somebody_waits_for_us

pytestmark = pytest.mark.django_db(transaction=True)
EDITS = {  # what is posted, and the verb that writes it
    "draft_edit": (typed(save=1), (RuleForm, "save_draft")),
    "draft_removal": ({}, (EarningRule, "delete")),
}


def holds(draft):
    return EarningRule.objects.published().filter(pk=draft.pk).exists()


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("door", EDITS)
def test_an_edit_in_the_instant_of_publishing_comes_before_it_or_after(door, guarded, monkeypatch, mira):
    making.rule()
    draft, publishing = EarningRule.objects.create(points=2, per=1), []
    sent, (owner, verb) = EDITS[door]
    writes = getattr(owner, verb)
    if not guarded:
        monkeypatch.setattr(DatedQuerySet, "select_for_update", lambda rows, **_how: rows)

    def publish():
        try:
            address = reverse("loyalty:draft_publication", args=["rule", draft.pk])
            return signed_in(mira).post(address, {"day": timezone.localdate()}).status_code, holds(draft)
        finally:
            connection.close()

    def writes_while_it_is_published(self, *args, **named):
        """Who edits has looked; now somebody publishes, or has to wait."""
        if not publishing:
            publishing.append(pool.submit(publish))
            wait_until(lambda: publishing[0].done() or somebody_waits_for_us(), 300, "published, or waiting")
        return writes(self, *args, **named)

    monkeypatch.setattr(owner, verb, writes_while_it_is_published)
    with ThreadPoolExecutor(1) as pool:
        client = signed_in(mira)
        client.raise_request_exception = False
        answered = client.post(reverse(f"loyalty:{door}", args=["rule", draft.pk]), sent).status_code

    published, held = publishing[0].result()
    assert published == 302
    assert ((answered, holds(draft)) == (302, held)) is guarded
