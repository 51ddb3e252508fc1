"""All events in the order in which their transactions began to write, to be read on from a place.

Numbers alone would lose some: 7 may be written and seen while 6 is still in an open transaction. Whoever reads in the
order of transactions, and never past the oldest that is open, has seen all that is behind their place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction

from crm.models import Event
from shop.asking import ask, ask_one

START, NOW = "start", "now"

# The cluster is part of a place: in another one, as after a restore, transactions are counted anew.
# Transactions are counted for all databases of a cluster: those that are surely another's hold nobody up here.
_HERE = """
SELECT to_hex(system_identifier), coalesce(oldest.xact, pg_snapshot_xmax(here.snapshot)::text::bigint)
  FROM pg_control_system(), (SELECT pg_current_snapshot() AS snapshot) AS here, LATERAL (
       SELECT min(xip::text::bigint) AS xact FROM pg_snapshot_xip(here.snapshot) AS xip
        WHERE NOT EXISTS (SELECT FROM pg_stat_activity
                           WHERE backend_xid = xip::xid AND datname <> current_database())) AS oldest
"""
_PAGE = """
SELECT id, xact FROM crm_event
 WHERE (xact, id) > (%(xact)s, %(id)s) AND xact < %(horizon)s AND (%(all)s OR kind = ANY (%(kinds)s::text[]))
 ORDER BY xact, id LIMIT %(size)s
"""
_FORM = re.compile(r"([0-9a-f]{1,16})\.(\d{1,18})\.(\d{1,18})", re.ASCII)


class UnknownPlace(Exception):
    """Nothing that this feed has given out."""


class Restarted(Exception):
    """A place of another database: this one was restored since."""


class Place(NamedTuple):
    cluster: str
    xact: int
    id: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


@dataclass(frozen=True)
class Page:
    events: list[Event]
    next: Place
    more: bool


def page(asked: str, kinds: Sequence[str] | None, size: int) -> Page:
    """`kinds`: None, all. What comes back as `next` is behind everything that was looked through."""
    cluster, horizon = ask_one(_HERE)
    place = _place(asked, cluster, horizon)
    values = {"xact": place.xact, "id": place.id, "horizon": horizon, "all": kinds is None, "size": size + 1}
    rows = ask(_PAGE, {**values, "kinds": list(kinds or ())})
    if len(rows) > size:
        number, xact = rows[size - 1]
        following = Place(cluster, xact, number)
    else:
        following = Place(cluster, max(horizon, place.xact), 0)
    found = Event.objects.select_related("order").in_bulk([number for number, _xact in rows[:size]])
    return Page([found[number] for number, _xact in rows[:size]], following, len(rows) > size)


def _place(asked: str, cluster: str, horizon: int) -> Place:
    if asked in (START, NOW):
        return Place(cluster, horizon if asked == NOW else -1, 0)
    form = _FORM.fullmatch(asked)
    if not form:
        raise UnknownPlace
    if form[1] != cluster:
        raise Restarted
    return Place(cluster, int(form[2]), int(form[3]))


@transaction.atomic
def begin_anew() -> None:
    """After a restore: transactions of another cluster say nothing here, so all that came along stands before them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.reason = 'restore'")
        cursor.execute("UPDATE crm_event SET xact = 0 WHERE xact <> 0")
