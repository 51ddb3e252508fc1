"""Which customer somebody outside means: found by what they are known by, or made."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef

from crm.models.card_number import customer_of
from crm.models.customer import Customer
from crm.models.event import Event
from crm.models.identifier import Identifier

Kind = Identifier.Kind


@dataclass(frozen=True)
class Mark:
    """One identifier, as it would be stored."""

    kind: str
    source: str
    value: str
    normalised: str


@dataclass(frozen=True)
class KnownBy:
    """What came with an order. The strongest that is known decides: customer number, card, e-mail, phone.

    An e-mail or a phone may belong to several cards (a family). Then the card with the same name is meant,
    else one with a customer number of this source, else the newest. A customer number that is not known yet
    never leads by e-mail or phone to a card which has another number of that source: that is somebody else. The number
    of a loyalty card belongs to one customer and no other, so it decides all the same.
    """

    source: str
    external_id: str = ""
    card: str = ""
    email: str = ""
    phone: str = ""
    given_name: str = ""
    family_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def marks(self) -> list[Mark]:
        given = [
            (Kind.EXTERNAL, self.source, self.external_id),
            (Kind.CARD, "", self.card),
            (Kind.EMAIL, "", self.email),
            (Kind.PHONE, "", self.phone),
        ]
        return [Mark(kind, source, value, Identifier.normalise(kind, value)) for kind, source, value in given if value]

    def find(self) -> Customer | None:
        for mark in self.marks:
            if found := self._meant_by(mark) or _with_our_card(mark):
                return found.meant
        return None

    def is_mark_of(self, customer: Customer) -> bool:
        """Whether the strongest of what came is one of the customer's."""
        strongest = self.marks[0]
        return _is_our_card_of(strongest, customer) or _of(strongest).filter(customer=customer).exists()

    def led_to(self, customer: Customer) -> int | None:
        """The number of the strongest of their identifiers that came."""
        for mark in self.marks:
            if number := _of(mark).filter(customer=customer).values_list("pk", flat=True).first():
                return number
        return None

    @transaction.atomic
    def find_or_create(self, *, actor: str = "") -> Customer:
        """Two at once for a new customer make one card: they take turns by what they are known by."""
        customer = self.find()
        if customer and not self._new_to(customer):
            return customer.held()

        self._take_turn()
        customer = self.find()
        if customer is None:
            return self._create(actor)
        customer = customer.held()
        self._add_to(customer, actor)
        return customer

    def _meant_by(self, mark: Mark) -> Customer | None:
        numbers = Identifier.objects.filter(customer=OuterRef("pk"), kind=Kind.EXTERNAL, source=self.source)
        holders = Customer.objects.filter(pk__in=_of(mark).values("customer")).select_related("merged_into")
        holders = holders.annotate(numbered=Exists(numbers))
        if self.external_id and mark.kind in (Kind.EMAIL, Kind.PHONE):
            holders = holders.filter(numbered=False)
        return max(holders.order_by("-pk")[:50], key=self._likeness, default=None)

    def _likeness(self, customer: Customer) -> tuple[bool, bool, int]:
        same_name = bool(self.name) and customer.name.casefold() == self.name.casefold()
        return same_name, customer.numbered, customer.pk  # type: ignore[attr-defined]

    def _take_turn(self) -> None:
        keys = sorted(f"identifier\n{mark.kind}\n{mark.source}\n{mark.normalised}" for mark in self.marks)
        with connection.cursor() as cursor:
            for key in keys:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [key])

    def _create(self, actor: str) -> Customer:
        try:
            with transaction.atomic():
                customer = Customer.objects.create(
                    given_name=self.given_name, family_name=self.family_name, source=self.source
                )
                _save(customer, self.marks)
                Event.record("customer.created", customer=customer, actor=actor, source=self.source)
                return customer
        except IntegrityError:
            # An import made the card meanwhile: it takes no turns.
            if found := self.find():
                return found
            raise

    def _new_to(self, customer: Customer) -> list[Mark]:
        """What came and neither this customer has nor, where only one may have it, anybody else."""
        return [
            mark
            for mark in self.marks
            if not (
                _of(mark) if mark.kind in (Kind.EXTERNAL, Kind.CARD) else _of(mark).filter(customer=customer)
            ).exists()
            and not _is_our_card_of(mark, customer)
        ]

    def _add_to(self, customer: Customer, actor: str) -> None:
        added = self._new_to(customer)
        if not added:
            return
        _save(customer, added)
        changes = {mark.kind: ["", mark.value] for mark in added}
        Event.record("customer.edited", customer=customer, actor=actor, changes=changes)


def _of(mark: Mark):
    found = Identifier.objects.filter(kind=mark.kind, normalised=mark.normalised)
    return found.filter(source=mark.source) if mark.kind in (Kind.EXTERNAL, Kind.CARD) else found


def _with_our_card(mark: Mark) -> Customer | None:
    """Whoever the number on a card of ours belongs to."""
    pk = customer_of(mark.normalised) if mark.kind == Kind.CARD else None
    return Customer.objects.filter(pk=pk, erased_at=None).select_related("merged_into").first() if pk else None


def _is_our_card_of(mark: Mark, customer: Customer) -> bool:
    """Also the old card of somebody who was merged into this customer."""
    found = _with_our_card(mark)
    return found is not None and customer.pk in (found.pk, found.merged_into_id)


def _save(customer: Customer, marks: Iterable[Mark]) -> None:
    Identifier.objects.bulk_create(
        Identifier(customer=customer, kind=mark.kind, source=mark.source, value=mark.value, normalised=mark.normalised)
        for mark in marks
    )
