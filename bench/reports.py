"""The report pages of a shop of this size against the floor view: what is published, and who stands behind it."""

import argparse
import statistics
from collections.abc import Iterator
from datetime import timedelta

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from analytics.models import Generation, Goal
from analytics.risk import counting
from bench.database import shop
from bench.pages import FLOOR, client_of_the_bench, ok, times_in_turn, user_of_the_bench
from bench.result import Result

ROUNDS = 20
PAGES = {
    "Retention": "/retention/",
    "Cohorts": "/retention/cohorts/",
    "Curves": "/retention/curves/",
    "RFM": "/retention/groups/",
    "Value": "/retention/value/",
    "Grading": "/retention/grading/",
    "Recovery": "/retention/recovery/",
    "Offers": "/retention/offers/",
}
FLAGS = {
    "At risk": "/at-risk/",
    "Overdue": "/at-risk/?list=overdue",
    "Second purchase due": "/at-risk/?list=second_due",
    "Outcomes of the flags": "/at-risk/outcomes/",
}
LISTS = {
    "customers with an open flag": "flag_state=open",
    "customers whose flag led to a contact": "flag_state=contacted",
    "customers who bought after a flag": "flag_state=purchase",
    "customers without a flag": "flag_state=-",
    "customers with a flag nobody sees to": "state=at_risk&flag_owner=-",
}

# Flags a year old and younger, a third of which came to an end, so that the outcomes have something to tell.
_ENDED = """
    INSERT INTO analytics_flag (customer_id, state, raised_at, state_since, last_on, silent_days, usual_days, at_stake,
                                low_score, complained, smaller, announced, contacted_at, closed_at, closed_why,
                                dismissal)
    SELECT customer_id, 'at_risk', at, at::date, last_on, 60, 30, 50, customer_id %% 20 = 0,
           customer_id %% 50 = 0, customer_id %% 5 = 0, true, CASE WHEN customer_id %% 3 = 0 THEN at END,
           at + interval '40 days', (ARRAY['purchase', 'figures', 'expired'])[1 + customer_id / 3 %% 3], ''
      FROM (SELECT customer_id, last_on, now() - make_interval(days => (95 + customer_id %% 300)::integer) AS at
              FROM analytics_figures WHERE customer_id %% 3 = 0) AS rows
"""
_CONTACTED = "UPDATE analytics_flag SET contacted_at = now() WHERE closed_at IS NULL AND customer_id %% 40 = 0"
_MINE = "UPDATE analytics_flag SET owner_id = %(user)s WHERE closed_at IS NULL AND customer_id %% 1000 = 0"


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]), shop(options.customers):
        generation = Generation.objects.get(is_current=True)
        if "worth" not in generation.totals:
            call_command("recompute", "--full", verbosity=0)
            generation = Generation.objects.get(is_current=True)
        client = client_of_the_bench()
        for name, page in PAGES.items():
            yield _against_floor(client, name, page)
        # Each taken back at the end: the shop stays as it was. What works figures out sets how PostgreSQL plans until
        # its transaction is over, so nothing else is measured in that of the goals.
        with transaction.atomic():
            _flag()
            counting.count(generation)
            for name, page in FLAGS.items():
                yield _against_floor(client, name, page)
            for name, asked in {"flags that are mine": f"flag_owner={user_of_the_bench().pk}", **LISTS}.items():
                yield _against_floor(client, name, f"/customers/?{asked}")
            transaction.set_rollback(True)
        with transaction.atomic():
            _set_goals()
            yield _against_floor(client, "Goals", "/retention/goals/")
            transaction.set_rollback(True)


def _set_goals() -> None:
    user, today = user_of_the_bench(), timezone.localdate()
    begins, due = today - timedelta(30), today + timedelta(90)
    for metric, target in (("retention", 0.9), ("churn", 0.1), ("nrr", 1.1)):
        Goal.objects.create(metric=metric, start_value=0.5, target=target, begins_on=begins, due_on=due, made_by=user)


def _flag() -> None:
    user = user_of_the_bench()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_ENDED.replace("%%", "%"))
        cursor.execute(_CONTACTED.replace("%%", "%"))
        cursor.execute(_MINE, {"user": user.pk})
        cursor.execute("ANALYZE analytics_flag")


def _against_floor(client: Client, name: str, page: str) -> Result:
    floor, times = times_in_turn([lambda: ok(client, FLOOR), lambda: ok(client, page)], ROUNDS)
    base, median = statistics.median(floor), statistics.median(times)
    detail = f"{median:.1f} ms, floor {base:.2f} ms"
    return Result(f"{name}: against the floor", median / base, "x", 10, detail)
