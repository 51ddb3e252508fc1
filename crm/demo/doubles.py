"""Second cards of people the demo shop knows already, as tills and web forms make them: something for the queue."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from crm.duplicates.finding import find_all
from crm.models import Customer, Identifier, Note
from shop.models import User

# (who among those who spent most, what the second card shares, what was made of the given name, made days ago)
DOUBLES = [
    (5, ("email",), "whole", 210),
    (9, ("email", "phone"), "whole", 95),
    (13, ("phone",), "letter", 41),
    (16, ("birthday",), "whole", 300),
    (20, ("email",), "typo", 17),
    (26, ("email",), "other", 66),
    (33, ("phone",), "whole", 8),
    (37, ("birthday", "phone"), "typo", 150),
]


def add(best: list[Customer], staff: dict[str, User]) -> None:
    """Call it inside a transaction."""
    for rank, shares, given, days_ago in DOUBLES:
        if rank < len(best):
            _double(best[rank], shares, _given(best[rank].given_name, given), days_ago, staff)
    find_all()


def _double(known: Customer, shares: tuple[str, ...], given: str, days_ago: int, staff: dict[str, User]) -> None:
    made = timezone.now() - timedelta(days=days_ago)
    card = Customer.objects.create(
        given_name=given,
        family_name=known.family_name,
        birthday=known.birthday if "birthday" in shares else None,
        city=known.city,
        country=known.country,
        source="till",
        created_at=made,
    )
    same: Any = Identifier.objects.filter(customer=known, kind__in=[kind for kind in shares if kind != "birthday"])
    Identifier.objects.bulk_create(
        Identifier(customer=card, kind=one.kind, value=one.value, normalised=one.normalised) for one in same
    )
    Note.objects.create(customer=card, kind="visit", body="Card made at the till.", at=made, by=staff["sam"])


def _given(name: str, how: str) -> str:
    """Anna as the till writes it: whole, A., Ana, or somebody else of the family."""
    if how == "letter":
        return f"{name[:1]}."
    if how == "typo":
        return name[:2] + name[3:]
    return "Robin" if how == "other" else name
