"""Answers of surveys keep coming in while Redis is stopped, and while it hangs: each is kept, and followed up after.

REGULARS_OUTAGE=30 REGULARS_ANSWERS=100 makes it the long proof; `bin/bench answers` measures how many a second.
"""

import http.client
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone

from crm.models import Event, Note, Reaction
from feedback.answering import guard, tokens
from feedback.models import Response
from tests import build
from tests.faults.running import running_site, wait_until

OUTAGE = float(os.environ.get("REGULARS_OUTAGE", "3"))
ANSWERS = int(os.environ.get("REGULARS_ANSWERS", "40"))  # one address may give 120 an hour
PEOPLE = 8

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db, tmp_path):
    with running_site(tmp_path) as site:
        yield site


def links(survey, number):
    """(address, stamp) each: the forms were opened a minute ago."""
    secrets = [tokens.issue(build.invitation(build.customer(f"Guest {n}"), survey)) for n in range(number)]
    with time_machine.travel(timezone.now() - timedelta(minutes=1)):
        return [(tokens.form_url(secret, whole=False), guard.stamp(secret)) for secret in secrets]


def answer(site, link):
    """The status of one answer, told over a connection of its own."""
    address, stamp = link
    wire = http.client.HTTPConnection(*site.address, timeout=300)
    try:
        body = urlencode({"q_score": "9", "q_comment": "It came late.", "stamp": stamp})
        wire.request("POST", address, body, {"Content-Type": "application/x-www-form-urlencoded"})
        return wire.getresponse().status
    except OSError as error:
        return type(error).__name__
    finally:
        wire.close()


def answer_all(site, some):
    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(lambda link: answer(site, link), some))


def all_done():
    return not Reaction.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("trouble", ["stopped", "frozen"])
def test_answers_are_kept_while_redis_is_away(site, trouble):
    first, *rest = links(build.survey("nps"), ANSWERS + 1)
    wait_until(lambda: answer(site, first) in (200, 303), 300, f"the web answers\n{site.logs()}")
    wait_until(lambda: Note.objects.count() == 1, 300, f"the worker works\n{site.logs()}")

    (site.stop_redis if trouble == "stopped" else site.freeze_redis)()
    began = time.monotonic()
    statuses = answer_all(site, rest)
    kept, told = Response.objects.count(), Event.objects.filter(kind="response.recorded").count()
    wait_until(lambda: time.monotonic() - began >= OUTAGE, OUTAGE + 300, "the outage has its length")
    (site.start_redis if trouble == "stopped" else site.thaw_redis)()

    assert [status for status in statuses if status != 303] == []
    assert (kept, told) == (ANSWERS + 1, ANSWERS + 1)
    wait_until(all_done, 300, f"everything that follows is done\n{site.logs()}")
    assert Note.objects.count() == ANSWERS + 1
