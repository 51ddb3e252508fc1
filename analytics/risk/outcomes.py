"""What became of the flags: who came back, with each reason and without it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from analytics.models import Flag, Generation
from shop import intervals
from shop.intervals import Interval

WITHIN = timedelta(days=90)
SEEN = timedelta(days=365)  # raised in the year before those who still have time
FEWEST = 30

REASONS = {
    "low_score": _("The last score was low"),
    "complained": _("A complaint was open"),
    "smaller": _("The last order was small"),
    "contacted": _("Somebody got in touch"),
    "offered": _("An offer was given"),
}
CAME_BACK = Q(closed_why=Flag.Why.PURCHASE, closed_at__lte=F("raised_at") + WITHIN)
HAS = {
    "low_score": Q(low_score=True),
    "complained": Q(complained=True),
    "smaller": Q(smaller=True),
    "contacted": Q(contacted_at__isnull=False),
    "offered": Q(offered_at__isnull=False),
}


@dataclass(frozen=True)
class Share:
    back: int
    n: int

    @property
    def interval(self) -> Interval | None:
        return intervals.share(self.back, self.n) if self.n else None

    @property
    def is_small(self) -> bool:
        return self.n < FEWEST


@dataclass(frozen=True)
class Row:
    label: Any
    given: Share  # with the reason
    without: Share

    @property
    def difference(self) -> Interval | None:
        if not self.given.n or not self.without.n:
            return None
        return intervals.difference_of_shares(self.given.back, self.given.n, self.without.back, self.without.n)

    @property
    def verdict(self) -> str:
        """up, down or unsure."""
        found = self.difference
        if found is None or self.given.is_small or self.without.is_small or found.low <= 0 <= found.high:
            return "unsure"
        return "up" if found.low > 0 else "down"


@dataclass(frozen=True)
class Outcomes:
    all: Share
    rows: list[Row]
    ended: list[tuple[Any, int]]

    @classmethod
    def of(cls, now: datetime) -> "Outcomes":
        return cls.told(counted(now))

    @classmethod
    def known(cls, now: datetime) -> "Outcomes":
        """As counted after the last full run: of very many flags a page need not count a year of them."""
        generation = Generation.objects.current()
        kept = generation.totals.get("flags") if generation else None
        return cls.told(kept["outcomes"] if kept else counted(now))

    @classmethod
    def told(cls, counts: dict[str, Any]) -> "Outcomes":
        found, ends = counts["found"], counts["ends"]
        ended = [(_("Still open"), ends.get("", 0)), *((why.label, ends.get(why.value, 0)) for why in Flag.Why)]
        return cls(Share(found["back"], found["n"]), [_row(name, found) for name in HAS], ended)


def counted(now: datetime) -> dict[str, Any]:
    """Flags raised long enough ago, ready for JSON. Whoever was dismissed is left out of the shares: nobody doubts
    that they were no risk."""
    flags = Flag.objects.filter(raised_at__lte=now - WITHIN, raised_at__gt=now - WITHIN - SEEN)
    counts = {"n": Count("pk"), "back": Count("pk", filter=CAME_BACK)}
    for name, has in HAS.items():
        counts |= {f"{name}_n": Count("pk", filter=has), f"{name}_back": Count("pk", filter=has & CAME_BACK)}
    found = flags.exclude(closed_why=Flag.Why.DISMISSED).aggregate(**counts)
    return {"found": found, "ends": dict(flags.order_by().values_list("closed_why").annotate(n=Count("pk")))}


def _row(name: str, found: dict[str, int]) -> Row:
    given = Share(found[f"{name}_back"], found[f"{name}_n"])
    return Row(REASONS[name], given, Share(found["back"] - given.back, found["n"] - given.n))
