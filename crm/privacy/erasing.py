"""Erases one person: identity goes everywhere, dates, amounts, scores and the ledger stay. One transaction.

What happens to a table stands in config/policies.py; the card itself is emptied but for KEPT_OF_CARD. What others
wrote about the person elsewhere is looked for by name, addresses and numbers (crm/privacy/traces.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from crm.models import Customer, Erasure, Event, FileToRemove, Identifier, PrivacyRequest
from crm.privacy import elsewhere, replay, traces
from crm.privacy.held import Held, everything, paths_of_files
from shop.models.job import Job

# Of the card itself nothing else stays; a new field goes unless it is named here.
KEPT_OF_CARD = {"id", "created_at", "left_out_at", "merged_into", "unprofiled_since", "erased_at"}
STATEMENT_LIMIT = "30min"  # everything that staff ever typed is read once
FEW = 5_000  # rows of typed text: a moment; of more a worker takes care
REMOVE_FILES, ERASE = "crm.remove_files", "crm.erase"

Counts = dict[str, dict[str, int]]


class AlreadyErased(Exception):
    """The card is empty: its certificate says since when."""


@dataclass
class Erasing:
    """One erasure under way. `patterns`: how the person may be named elsewhere.

    `addresses`: theirs alone, (channel, normalised); `shared`: those that cards of others have too.
    """

    cards: list[int]
    patterns: list[str] = field(default_factory=list)
    addresses: set[tuple[str, str]] = field(default_factory=set)
    shared: set[tuple[str, str]] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    counts: Counts = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    @classmethod
    def of(cls, cards: list[int]) -> "Erasing":
        known = Identifier.objects.filter(kind__in=["email", "phone"])
        theirs = set(known.filter(customer__in=cards).values_list("kind", "normalised"))
        elsewhere = known.exclude(customer__in=cards).filter(normalised__in=[address for _kind, address in theirs])
        shared = theirs & set(elsewhere.values_list("kind", "normalised"))
        return cls(cards, traces.traces_of(cards), theirs - shared, shared)

    def count(self, label: str, what: str, rows: int) -> None:
        if rows:
            self.counts[label][what] += rows


def family(customer_id: int) -> list[int]:
    """The card and every card that was merged into it, in id order."""
    found, layer = {customer_id}, [customer_id]
    while layer:
        layer = list(Customer.objects.filter(merged_into__in=layer).exclude(pk__in=found).values_list("pk", flat=True))
        found.update(layer)
    return sorted(found)


def preview(customer: Customer) -> Counts:
    """What would go and what would stay, without what others may have written elsewhere."""
    erasing = Erasing(family(customer.pk))
    erasing.count("crm.Customer", "emptied", len(erasing.cards))
    for held in everything():
        erasing.count(held.label, DONE[held.erase.word], held.rows(erasing.cards).count())
    return plain(erasing.counts)


DONE = {"delete": "erased", "blank": "emptied", "by": "emptied", "keep": "kept"}


def request(customer: Customer, *, why: str, by: Any) -> Job | None:
    """Few words to look through: done now, None. Else a worker does it. Raises AlreadyErased."""
    if elsewhere.rows_to_read() <= FEW:
        erase(customer, why=why, by=by)
        return None
    return Job.request(ERASE, lane=lane(customer), by=by, customer=customer.pk, why=why)


def lane(customer: Customer) -> str:
    return f"{ERASE}:{customer.pk}"


@transaction.atomic
def erase(
    customer: Customer, *, why: str, by: Any = None, say: Callable[[int, int], None] = lambda done, total: None
) -> Erasure:
    """Raises AlreadyErased. Cards that were merged into this one are erased with it."""
    _take_time()
    cards = family(customer.merged_into_id or customer.pk)
    locked = list(Customer.objects.select_for_update().filter(pk__in=cards).order_by("pk"))
    root = next(card for card in locked if card.pk == (customer.merged_into_id or customer.pk))
    if root.erased_at:
        raise AlreadyErased
    erasing = Erasing.of(cards)
    _name_reason(f"erasure:{root.pk}")
    elsewhere.wipe(erasing, say)  # while it can still be told what the person is known by
    wipe(erasing)
    for card in locked:
        _empty_card(card)
    erasing.count("crm.Customer", "emptied", len(cards))
    certificate = _certify(erasing, root, why, by)
    _name_reason("")
    return certificate


@transaction.atomic
def wipe_again(certificate: Erasure) -> None:
    """What another process wrote about the person while they were being erased."""
    _name_reason(f"erasure:{certificate.customer_id}")
    erasing = Erasing(certificate.cards)
    wipe(erasing)
    _remove_later(erasing)
    _name_reason("")


def wipe(erasing: Erasing) -> None:
    """Every table that holds something about the person, the farthest from the card first."""
    for held in everything():
        rows = held.rows(erasing.cards)
        if held.erase.word == "delete":
            _note_files(held, rows, erasing)
            erasing.count(held.label, "erased", _delete(rows))
        elif held.erase.word == "blank":
            erasing.count(held.label, "emptied", rows.update(**_empty(held.model, held.erase.names)))
        elif held.erase.word == "by":
            erasing.count(held.label, "emptied", held.erase.function(rows, erasing))
        else:
            erasing.count(held.label, "kept", rows.count())


def _delete(rows: Any) -> int:
    """Set by set; what points at these rows was dealt with before them."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=ids).delete()
    return len(ids)


def _note_files(held: Held, rows: Any, erasing: Erasing) -> None:
    name = paths_of_files().get(held.label)
    if name:
        erasing.files.update(path for path in rows.values_list(name, flat=True) if path)


def _empty(model: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: nothing(model._meta.get_field(name)) for name in names}


def nothing(one: models.Field) -> Any:
    """The value of a field that says nothing; a text that must not be empty says that it was erased."""
    if one.null:
        return None
    if isinstance(one, models.JSONField):
        return one.get_default()
    if isinstance(one, models.CharField | models.TextField):
        return "" if one.blank or one.choices else traces.ERASED[: one.max_length]
    return one.get_default()


def _empty_card(card: Customer) -> None:
    emptied = [
        one
        for one in Customer._meta.concrete_fields
        if one.name not in KEPT_OF_CARD and not isinstance(one, models.GeneratedField)
    ]
    values = {one.name: nothing(one) for one in emptied}
    Customer.objects.filter(pk=card.pk).update(**values, erased_at=timezone.now())


def _certify(erasing: Erasing, root: Customer, why: str, by: Any) -> Erasure:
    certificate = Erasure.objects.create(
        customer=root, cards=erasing.cards, by=by, why=why, counts=plain(erasing.counts)
    )
    actor = by.actor if by else ""
    for request in PrivacyRequest.objects.open().filter(customer__in=erasing.cards):
        request.finish(actor=actor)
    Event.record("customer.erased", customer=root, subject=certificate, actor=actor, number=certificate.number, why=why)
    _remove_later(erasing)
    created = dict(Customer.objects.filter(pk__in=erasing.cards).values_list("pk", "created_at"))
    transaction.on_commit(lambda: replay.remember(created, certificate.at))
    return certificate


def _remove_later(erasing: Erasing) -> None:
    """Only once the transaction is through, and again until they are gone."""
    if erasing.files:
        FileToRemove.objects.bulk_create(FileToRemove(path=path) for path in sorted(erasing.files))
        Job.request(REMOVE_FILES)


def plain(counts: Counts) -> Counts:
    return {label: dict(done) for label, done in sorted(counts.items())}


def _take_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}'")


def _name_reason(reason: str) -> None:
    """Rows that are otherwise only added let named columns change, in this transaction and for this cause."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('regulars.reason', %s, true)", [reason])
