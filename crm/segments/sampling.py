"""Some of very many: enough for a page that says beforehand how many would get something, and why the others not."""

from collections import Counter
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from crm.models import Customer

MOST = 5000
HASHES = 2**20
SPARE = 1.2  # so that a sample is seldom smaller than it may be

# By the hash of their number: the same ones each time the page is drawn, so that figures stand still.
_SOME = f"""
    SELECT id FROM (WANTED) AS meant (id) WHERE hashint8(id) & {HASHES - 1} < %s
     ORDER BY hashint8(id) & {HASHES - 1}, id LIMIT %s
"""


@dataclass(frozen=True)
class Sample:
    """`ids` of all `picked`, or of some of them."""

    picked: int
    ids: list[int]

    @property
    def about(self) -> bool:
        return len(self.ids) < self.picked

    def scaled(self, counts: Counter[str]) -> Counter[str]:
        """What was counted of these, for all of them."""
        if not self.about:
            return counts
        return Counter({why: _rounded(n * self.picked / max(len(self.ids), 1)) for why, n in counts.items()})


def _rounded(n: float) -> int:
    """To two digits, which is what a sample tells."""
    size = 10 ** max(len(str(int(n))) - 2, 0)
    return round(n / size) * size


def bound(rows: int, most: int) -> int:
    """Below which hash about `most` of so many rows are."""
    return int(HASHES * min(1, SPARE * most / max(rows, 1)))


def sample(customers: QuerySet[Customer], most: int = MOST) -> Sample:
    picked = customers.order_by().count()
    wanted, params = customers.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_SOME.replace("WANTED", wanted), [*params, bound(picked, most), most])
        return Sample(picked, [pk for (pk,) in cursor.fetchall()])
