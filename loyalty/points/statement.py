"""Every movement of one account, newest first, with where its points came from and what became of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from loyalty.models import Account, Allocation, Entry, Lot
from loyalty.points import wording

SIZE = 40
PARTS = 6


@dataclass
class Part:
    """So many points of another movement."""

    points: int
    entry: Entry
    reopens_until: datetime | None = None


@dataclass
class Line:
    entry: Entry
    by: str
    lot: Lot | None = None
    parts: list[Part] = field(default_factory=list)
    more: int = 0  # parts that are not shown
    balance: int = 0

    @property
    def what(self) -> str:
        return wording.what(self.entry)

    @property
    def reason(self) -> str:
        return wording.reason_of(self.entry)

    @property
    def is_pending(self) -> bool:
        return bool(self.lot and self.lot.remaining and self.lot.available_at > timezone.now())


def page_of(account: Account, names: dict[str, str], *, before: int | None = None, size: int = SIZE) -> dict[str, Any]:
    """`before`: a number of the account; `names`: of staff, by how entries call them."""
    entries = account.entries.select_related("order", "lot", "reverses__order", "account__customer")
    if before:
        entries = entries.filter(sequence__lt=before)
    found = list(entries.order_by("-sequence")[: size + 1])
    shown = found[:size]
    lines = [Line(entry, names.get(entry.actor, ""), getattr(entry, "lot", None)) for entry in shown]
    _tell_parts(lines)
    return {"lines": lines, "following": shown[-1].sequence if len(found) > size else None}


def _tell_parts(lines: list[Line]) -> None:
    """Of what took points: whose they were. One question for the whole page."""
    taken = Allocation.objects.filter(entry__in=[line.entry.pk for line in lines])
    parts: dict[int, list[Part]] = defaultdict(list)
    for allocation in taken.select_related("lot__entry__order").order_by("pk"):
        parts[allocation.entry_id].append(Part(abs(allocation.points), allocation.lot.entry, allocation.reopens_until))
    for line in lines:
        own = parts[line.entry.pk]
        line.parts, line.more = own[:PARTS], max(len(own) - PARTS, 0)
