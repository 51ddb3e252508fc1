"""What consent and addresses add to the questions one can ask about a customer (config/facets.py lists them)."""

from functools import partial
from typing import Any

from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.fields import BooleanField
from django.utils.translation import gettext_lazy as _

from crm.contact.standing import by_default
from crm.facets import Facet
from crm.models import Consent, ConsentInForce, Identifier, Order, Reach, Suppression

Purpose = Consent.Purpose


def emails() -> Any:
    """E-mails of the customer to which anything may go at all."""
    suppressed = Suppression.objects.in_force().filter(channel="email", address=OuterRef("normalised"))
    return Identifier.objects.filter(~Exists(suppressed), customer=OuterRef("pk"), kind="email")


def said(purpose: str) -> Any:
    """What is in force about an address for a purpose."""
    return ConsentInForce.objects.filter(channel="email", purpose=purpose, address=OuterRef("normalised"))


def allowed(purpose: str) -> Any:
    """By e-mail, as crm/contact/standing.py decides it: a yes, or the default where nobody said no."""
    yes = Exists(emails().filter(Exists(said(purpose).filter(state="given"))))
    if not by_default(purpose):
        return yes
    known = Identifier.objects.filter(customer=OuterRef("pk"), kind="email")
    nowhere_no = ~Exists(known.filter(Exists(said(purpose).exclude(state="given"))))
    bought = Exists(Order.objects.filter(customer=OuterRef("pk"), cancelled_at=None))
    return ExpressionWrapper(Q(yes) | (Q(Exists(emails())) & Q(nowhere_no) & Q(bought)), output_field=BooleanField())


def suppressed() -> Any:
    held = Suppression.objects.in_force().filter(channel="email", address=OuterRef("normalised"))
    return Exists(Identifier.objects.filter(Exists(held), customer=OuterRef("pk"), kind="email"))


def met(purpose: str) -> Any:
    return lambda value: Q(allowed(purpose)) & Q(reach__email=True) if value == "yes" else ~Q(allowed(purpose))


def in_doubt(purpose: str, value: str) -> Any:
    """Where a yes is the default: whoever is in none of these may be written to."""
    if value != "no" or not by_default(purpose):
        return None
    emails = Identifier.objects.filter(kind="email")
    held = Suppression.objects.in_force().filter(channel="email")
    refused = ConsentInForce.objects.filter(channel="email", purpose=purpose).exclude(state="given")
    return (
        Reach.objects.filter(email=False)
        .values("customer")
        .union(
            Reach.objects.filter(ordered=False).values("customer"),
            emails.filter(normalised__in=held.values("address")).values("customer"),
            emails.filter(normalised__in=refused.values("address")).values("customer"),
        )
    )


def asked_by_mail(name: str, label: Any, purpose: str) -> Facet:
    among = partial(in_doubt, purpose)
    return Facet(name, label, "yes_no", lambda: allowed(purpose), column=False, condition=met(purpose), among=among)


FACETS = [
    asked_by_mail("offers_by_email", _("May get offers by e-mail"), Purpose.OFFERS),
    asked_by_mail("surveys_by_email", _("May be asked by e-mail"), Purpose.FEEDBACK),
    asked_by_mail("points_by_email", _("May get points mail"), Purpose.POINTS),
    asked_by_mail("birthday_by_email", _("May get birthday mail"), Purpose.BIRTHDAY),
    Facet("address_suppressed", _("An e-mail does not arrive"), "yes_no", suppressed, column=False),
    Facet(
        "objects_to_profiling",
        _("Objects to risk scoring"),
        "yes_no",
        ExpressionWrapper(Q(unprofiled_since__isnull=False), output_field=BooleanField()),
        column=False,
        condition=lambda value: Q(unprofiled_since__isnull=value == "no"),
    ),
]
