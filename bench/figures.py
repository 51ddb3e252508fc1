"""The figures page and the list of answers over very many of them, against the floor view."""

import argparse
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.database import database
from bench.form import running_survey
from bench.pages import FLOOR, client_of_the_bench, ok, times_in_turn
from bench.result import Result
from crm.models import Customer
from feedback.figures import counting
from feedback.models import AnswerTally, Response, Survey

NAME = "bench_figures"
ROUNDS = 20
PART = 100_000

# Spread over the year, a third of whoever was asked answered; some with words, some without a name to go by.
_ASKED = """
    INSERT INTO feedback_invitation (customer_id, survey_id, version_id, cause, trigger, channel, batch, test, state,
                                     why, invited_at, due_at, expires_at, sent_at, answered_at, reminded)
    SELECT %(customer)s, %(survey)s, %(version)s, 'bench:' || n, 'segment', 'email', '', false,
           CASE WHEN n %% 3 = 0 THEN 'answered' ELSE 'sent' END, '', at, at, at + interval '30 days', at,
           CASE WHEN n %% 3 = 0 THEN at + interval '1 day' END, 0
      FROM (SELECT n, now() - make_interval(secs => n::double precision * 31536000 / %(all)s) AS at
              FROM generate_series(%(begin)s::bigint, %(end)s::bigint) AS n) AS rows
"""
_SAID = """
    INSERT INTO feedback_response (survey_id, version_id, nameless, test, score, comment, callback, language, channel,
                                   at)
    SELECT %(survey)s, %(version)s, false, false,
           CASE WHEN luck < 50 THEN 9 + luck %% 2 WHEN luck < 75 THEN 7 + luck %% 2 ELSE luck %% 7 END,
           CASE WHEN luck %% 4 = 0 THEN 'The parcel number ' || n || ' came late' ELSE '' END, false,
           (ARRAY['en', 'ru', 'uk', 'pl'])[1 + luck %% 4], 'email',
           now() - make_interval(secs => n::double precision * 31536000 / %(all)s)
      FROM (SELECT n, (abs(hashint8(n)) %% 100)::integer AS luck
              FROM generate_series(%(begin)s::bigint, %(end)s::bigint) AS n) AS rows
"""


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]), database(NAME):
        survey = running_survey()
        _fill(survey, options.given)
        began = time.perf_counter()
        counting.count_anew()
        counted = time.perf_counter() - began
        client = client_of_the_bench()
        month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
        page = f"/feedback/?survey={survey.pk}"
        yield _against_floor(client, "figures page", page, options.given)
        for step in ("week", "quarter"):
            yield _against_floor(client, f"figures page, by {step}", f"{page}&step={step}", options.given)
        yield _against_floor(client, "figures page, by channel", f"{page}&by=channel", options.given)
        yield _against_floor(client, "who did not answer", f"/feedback/who-did-not-answer/{page[10:]}", options.given)
        answers = f"/feedback/answers/?survey={survey.pk}&from={month.isoformat()}&band=low"
        yield _against_floor(client, "answers with a low score", answers, options.given)
        yield _against_floor(client, "answers found by a word", "/feedback/answers/?q=777", options.given)
        yield _queries(client, page)
        rows = AnswerTally.objects.count()
        yield Result("counting all answers anew", counted, "s", 60, f"{options.given} answers, then {rows} rows")


def _fill(survey: Survey, wanted: int) -> None:
    if Response.objects.count() >= wanted or survey.version is None:
        return
    customer = Customer.objects.create(given_name="Bench")
    values: dict[str, Any] = {"survey": survey.pk, "version": survey.version.pk, "customer": customer.pk, "all": wanted}
    for begin in range(0, wanted, PART):
        values |= {"begin": begin + 1, "end": min(begin + PART, wanted)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(_SAID, values)
            cursor.execute(_ASKED, values)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE feedback_response, feedback_invitation, feedback_answertally")
    connection.close()


def _against_floor(client: Client, what: str, page: str, given: int) -> Result:
    floor, times = times_in_turn([lambda: ok(client, FLOOR), lambda: ok(client, page)], ROUNDS)
    base, median = statistics.median(floor), statistics.median(times)
    return Result(f"{what}, {given} answers", median / base, "x", 30, f"{median:.1f} ms, floor {base:.2f} ms")


def _queries(client: Client, page: str) -> Result:
    with CaptureQueriesContext(connection) as queries:
        ok(client, page)
    return Result("figures page: queries", len(queries), "queries", 25)
