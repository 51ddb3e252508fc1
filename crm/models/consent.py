"""What people allowed us to write to them about, address by address. Rows are only added; the newest decides."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.contact.forgotten import either
from crm.models.customer import Customer
from crm.models.event import Event
from crm.models.identifier import Identifier

CHANNELS = [("email", _("E-mail")), ("phone", _("Phone"))]


class OnlyTheCustomerLoosens(Exception):
    """Consent was to be given by somebody who cannot give it, or without the words it was given in."""


class ConsentQuerySet(models.QuerySet["Consent"]):
    def of(self, channel: str, address: str) -> "ConsentQuerySet":
        """What was said about an address, also what is remembered of it since its owner was erased."""
        return self.filter(channel=channel, address__in=either(channel, address))

    def newest_first(self) -> "ConsentQuerySet":
        return self.order_by("-at", "-pk")

    def current(self, channel: str, address: str) -> dict[str, "Consent"]:
        """The row that decides, by purpose."""
        newest = self.of(channel, address).order_by("purpose", "-at", "-pk").distinct("purpose")
        return {row.purpose: row for row in newest}


class Consent(models.Model):
    """One thing somebody said about one address and one purpose. It holds on whichever card the address is."""

    class Purpose(models.TextChoices):
        SERVICE = "service", _("Service")
        FEEDBACK = "feedback", _("Surveys")
        OFFERS = "offers", _("Offers")
        POINTS = "points", _("Points")
        BIRTHDAY = "birthday", _("Birthday")
        PROFILING = "profiling", _("Personal advice")

    class State(models.TextChoices):
        GIVEN = "given", _("yes")
        REFUSED = "refused", _("no")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Method(models.TextChoices):
        PAGE = "page", _("on their own page")
        LINK = "link", _("by the link in a mail")
        WEB_FORM = "web_form", _("by a form of the shop")
        PHONE = "phone", _("by phone")
        IN_PERSON = "in_person", _("in person")
        IN_WRITING = "in_writing", _("in writing")
        IMPORT = "import", _("by an import")
        MERGE = "merge", _("by a merge of cards")

    PURPOSES = list(Purpose.values)
    # Ways in which the customer speaks; an import, a merge and an unsubscribe link can only take away.
    LOOSENING = (Method.PAGE, Method.WEB_FORM, Method.PHONE, Method.IN_PERSON, Method.IN_WRITING)
    QUOTED = (Method.PHONE, Method.IN_PERSON, Method.IN_WRITING)

    customer = models.ForeignKey("crm.Customer", models.SET_NULL, null=True, related_name="consents")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    address = models.CharField(max_length=254, blank=True)
    purpose = models.CharField(max_length=9, choices=Purpose)
    state = models.CharField(max_length=9, choices=State)
    method = models.CharField(max_length=10, choices=Method)
    source = models.CharField(max_length=64, blank=True)
    wording = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=40, blank=True)  # staff:7, key:ab12, import:3; empty: the customer

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consent_is_given_by_the_customer_in_words",
                condition=~Q(state="given")
                | Q(address="")
                | (Q(method__in=["page", "web_form", "phone", "in_person", "in_writing"]) & ~Q(wording="")),
            ),
        ]
        indexes = [
            models.Index(fields=["address", "purpose", "-at", "-id"], name="consent_newest_of_address"),
            models.Index(fields=["customer", "-at", "-id"], name="consent_newest_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.state}"

    @classmethod
    @transaction.atomic
    def say(
        cls,
        customer: Any,
        channel: str,
        address: str,
        choices: Mapping[str, str],
        *,
        method: str,
        wording: str | Mapping[str, str] = "",
        source: str = "",
        by: str = "",
    ) -> list["Consent"]:
        """Write down what was said, {purpose: state}. What holds already is not written again; returns the new rows."""
        take_turn(channel, address)
        before = cls.objects.current(channel, address)
        words = wording if isinstance(wording, Mapping) else dict.fromkeys(choices, wording)
        said = {"customer": customer, "channel": channel, "address": address, "method": method}
        said |= {"source": source, "at": timezone.now(), "by": by}
        return cls._write_down(
            [
                Consent(purpose=purpose, state=state, wording=words.get(purpose, "").strip(), **said)
                for purpose, state in choices.items()
                if purpose not in before or before[purpose].state != state
            ]
        )

    @classmethod
    def _write_down(cls, rows: list["Consent"]) -> list["Consent"]:
        for row in rows:
            row._check_who_loosens()
        Consent.objects.bulk_create(rows)
        cls._tell(rows)
        for row in rows:
            if row.purpose == cls.Purpose.PROFILING:
                row._pass_objection_on()
        return rows

    def _check_who_loosens(self) -> None:
        if self.state == self.State.GIVEN and (self.method not in self.LOOSENING or not self.wording):
            raise OnlyTheCustomerLoosens(self.purpose)

    def _pass_objection_on(self) -> None:
        """The cards with this address are scored, or not; a yes does not outweigh a no for another address."""
        cards = Identifier.objects.filter(kind=self.channel, normalised=self.address).values("customer")
        if self.state != self.State.GIVEN:
            Customer.objects.filter(pk__in=cards, unprofiled_since=None).update(unprofiled_since=self.at)
            return
        refused = ConsentInForce.objects.filter(purpose=self.purpose).exclude(state=self.State.GIVEN)
        known = Identifier.objects.filter(customer__in=cards, normalised__in=refused.values("address"))
        Customer.objects.filter(pk__in=cards).exclude(pk__in=known.values("customer")).update(unprofiled_since=None)

    @staticmethod
    def _tell(rows: Iterable["Consent"]) -> None:
        """One event for what was allowed, one for what was not."""
        kinds: dict[tuple[str, str], list[Consent]] = {}
        for row in rows:
            kind = "consent.given" if row.state == Consent.State.GIVEN else "consent.withdrawn"
            kinds.setdefault((kind, row.state), []).append(row)
        for (kind, state), same in kinds.items():
            first = same[0]
            Event.record(
                kind,
                customer=first.customer,
                subject=first,
                at=first.at,
                actor=first.by,
                channel=first.channel,
                address=first.address,
                purposes=[row.purpose for row in same],
                state=state,
                method=first.method,
            )


class ConsentInForce(models.Model):
    """The row that decides, for each address and purpose: kept by the database whenever a Consent is written."""

    consent = models.OneToOneField(Consent, models.CASCADE, primary_key=True, related_name="in_force")
    channel = models.CharField(max_length=5)
    address = models.CharField(max_length=254, blank=True)
    purpose = models.CharField(max_length=9)
    state = models.CharField(max_length=9)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "purpose", "channel"], name="one_consent_in_force"),
        ]
        indexes = [models.Index(fields=["purpose", "state", "channel", "address"], name="consent_in_force_by_state")]


def take_turn(channel: str, address: str) -> None:
    """Who reads what an address allows and then writes, does so alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [f"consent\n{channel}\n{address}"])
