"""A tag for 100,000 customers and taking it back, as a worker does both, beside one bare INSERT of as many taggings."""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict

from bench.database import shop
from bench.pages import user_of_the_bench
from bench.result import Result
from config.patience import PatientConnection
from crm.actions import action_for_many
from crm.bulk.running import Bulk
from crm.models import Change, ChangeSet, Tag
from crm.segments.selection import Selection

MANY, BAR = 100_000, 15
NAME = "Tagged by the bench"

BARE = """
    INSERT INTO crm_tagging (customer_id, tag_id)
    SELECT id, %s FROM crm_customer WHERE merged_into_id IS NULL ORDER BY id LIMIT %s
"""


class OfTheFirst(Bulk):
    """Asked of the whole list, done to the first of it."""

    def ids(self) -> list[int]:
        everybody = _everybody(self.change_set.by).customers
        return list(everybody.order_by("pk").values_list("pk", flat=True)[:MANY])


def measure(options: argparse.Namespace) -> Iterator[Result]:
    """The bare statement before, between and after, so that what else the machine does weighs on all."""
    with shop(options.customers):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 60000")  # as a worker has it, who also waits longer than a page
        PatientConnection.SECONDS = 600
        tag, user = Tag.called(NAME), user_of_the_bench()
        params = {"tag": tag.pk, "name": tag.name}
        bulk = OfTheFirst(Bulk.begin(action_for_many("tag"), _everybody(user), params, by=user).change_set)
        _bare(tag)  # warm
        before = _bare(tag)
        seconds, tagged = _timed(bulk.run)
        between = _bare(tag)
        back, outcome = _timed(lambda: bulk.take_back(by=user))
        after = _bare(tag)
        assert (outcome.restored, outcome.kept) == (tagged, 0), (tagged, outcome)
        _forget(bulk.change_set)
    yield _result("a tag for many", tagged, seconds, (before + between) / 2)
    yield _result("taking the tag back", tagged, back, (between + after) / 2)


def _everybody(user: Any) -> Selection:
    return Selection.read(QueryDict("all=1"), user)


def _result(what: str, tagged: int, seconds: float, bare: float) -> Result:
    detail = f"{tagged:,} customers; {seconds / bare:.1f} times a bare insert of as many, {bare:.1f} s"
    return Result(what, seconds, "s", BAR, detail)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def _bare(tag: Tag) -> float:
    """With its foreign keys checked, and then rolled back; under a tag of its own, because the first may be there."""
    with transaction.atomic(), connection.cursor() as cursor:
        other = Tag.called(f"{tag.name}, bare")
        start = time.perf_counter()
        cursor.execute(BARE, [other.pk, MANY])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return seconds


def _forget(change_set: ChangeSet) -> None:
    """The shop is kept between runs: what this one left goes, its events for a reason."""
    Change.objects.filter(changes=change_set)._raw_delete(using="default")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.reason = 'retention:bench'")
        cursor.execute(
            "DELETE FROM crm_event WHERE kind IN ('customer.tagged', 'customer.untagged')"
            " AND subject_type = 'crm.changeset' AND subject_id = %s",
            [change_set.pk],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE crm_event, crm_tagging, crm_change")
