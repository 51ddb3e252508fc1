"""100,000 customers are invited by four workers, each by two surveys at once, so that every second one is too many.

Measured from the wish to a mail in the queue, another day, or a reason. Then the same workers send some of the mails,
and nobody may have got two.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench.database import database, url
from bench.result import Result
from crm.models import Consent, Customer, Identifier, Message
from feedback.inviting.asking import Wish, invite_many
from feedback.models import Invitation, Survey
from shop.models import Setting

NAME, PEOPLE, WORKERS, SENT = "bench_invite", 100_000, 4, 2_000
PLAN = "from feedback.inviting.planning import plan_due; plan_due(batches=10_000)"
SEND = "from crm.mail.sending import send_due; send_due(batches=10_000)"

_TOO_OFTEN = """
    SELECT count(*) FROM (SELECT FROM crm_message WHERE purpose = 'feedback' AND state = 'sent'
                           GROUP BY customer_id HAVING count(*) > 1) AS more
"""


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with database(NAME):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")  # making and putting aside so many is not what is measured
        ids, surveys = _people(), [_survey(), _survey()]
        began = time.perf_counter()
        for survey in surveys:
            invite_many(survey, "other", [Wish(pk, f"bench:{survey.pk}:{pk}", timezone.now()) for pk in ids])
        wished = time.perf_counter() - began
        cpu = _together(PLAN)
        seconds = time.perf_counter() - began
        asked = Invitation.objects.filter(survey__in=surveys)
        left = asked.filter(state="waiting", message=None, why="").count()
        mails = asked.filter(message__isnull=False).count()
        detail = f"{mails:,} mails of {asked.count():,} invitations, the wishes {wished:.1f} s, {left} not looked at"
        detail += f", the workers {cpu:.0f} s of a processor"
        yield Result(f"invite: {len(ids):,} customers, {WORKERS} workers", seconds, "s", 120, detail)
        yield _sent()


def _sent() -> Result:
    """Of the mails so many leave now, the others tomorrow."""
    queued = Message.objects.queued().filter(purpose="feedback").order_by("pk")
    last = queued.values_list("pk", flat=True)[SENT]
    queued.order_by().filter(pk__gte=last).update(due_at=timezone.now() + timedelta(days=1))
    began = time.perf_counter()
    _together(SEND)
    seconds = time.perf_counter() - began
    sent = Message.objects.filter(state="sent", sent_at__gte=timezone.now() - timedelta(seconds=seconds + 1))
    with connection.cursor() as cursor:
        cursor.execute(_TOO_OFTEN)
        (more,) = cursor.fetchone()
    return Result("invite: customers asked more than once", more, "", 0, f"{sent.count() / seconds:.0f} mails a second")


def _together(code: str) -> float:
    """Seconds of a processor that they took; the database's own are not in it."""
    env = {**os.environ, "DATABASE_URL": url(NAME), "REGULARS_ROLE": "worker", "SECRET_KEY": settings.SECRET_KEY}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    argv = [sys.executable, "-c", f"import django; django.setup(); {code}"]
    workers = [
        subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _survey() -> Survey:
    made = Survey.objects.create(kind="nps", name="Bench")
    version = made.versions.create(number=1, languages=["en"])
    asked = {"en": {"ask": "How likely?", "low_end": "not at all", "high_end": "surely"}}
    version.questions.create(name="score", kind="score", position=0, required=True, lowest=0, highest=10, texts=asked)
    version.publish(by=None, actor="")
    made.start(actor="")
    return made


def _people() -> list[int]:
    """New ones each time: those of the time before have had their survey."""
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)
    fresh = Customer.objects.filter(source="bench", consents__isnull=False, invitations=None)
    ids = list(fresh.order_by("pk").values_list("pk", flat=True)[:PEOPLE])
    return ids if len(ids) == PEOPLE else _new_people()


def _new_people() -> list[int]:
    mark = timezone.now().strftime("%y%m%d%H%M%S")
    made = Customer.objects.bulk_create(
        (Customer(given_name=f"Bench {n}", source="bench") for n in range(PEOPLE)), batch_size=5_000
    )
    addresses = [f"{mark}.{n}@people.example" for n in range(PEOPLE)]
    Identifier.objects.bulk_create(
        (
            Identifier(customer=one, kind="email", value=address, normalised=address)
            for one, address in zip(made, addresses, strict=True)
        ),
        batch_size=5_000,
    )
    Consent.objects.bulk_create(
        (
            Consent(
                customer=one,
                channel="email",
                address=address,
                purpose="feedback",
                state="given",
                method="page",
                wording="Bench",
            )
            for one, address in zip(made, addresses, strict=True)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [one.pk for one in made]
