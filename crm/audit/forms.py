"""What the audit is asked."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.audit import showing
from crm.audit.asking import Asked
from crm.audit.words import ASKED
from crm.models import Customer, Order
from crm.models.card_number import customer_of
from crm.segments.search import find_ids
from shop.typed import number_in

DAY = {"type": "date"}
LEFT_OUT = "…"  # the audit of an export names nobody


class AuditForm(forms.Form):
    who = forms.ChoiceField(label=ASKED["who"], required=False)
    kind = forms.ChoiceField(label=ASKED["kind"], required=False)
    customer = forms.CharField(
        label=ASKED["customer"], required=False, max_length=120, help_text=_("A name, a card number, an address.")
    )
    subject = forms.CharField(
        label=ASKED["subject"],
        required=False,
        max_length=64,
        help_text=_("Of a complaint, a task, an import, an order …"),
    )
    since = forms.DateField(label=ASKED["since"], required=False, widget=forms.DateInput(DAY, "%Y-%m-%d"))
    until = forms.DateField(label=ASKED["until"], required=False, widget=forms.DateInput(DAY, "%Y-%m-%d"))

    def __init__(self, *args: Any, names: showing.Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = [(actor, name) for actor, name in names.actors.items() if actor not in names.keys]
        everybody = ("", pgettext_lazy("audit", "Anybody"))
        fields: Any = self.fields
        fields["who"].choices = [everybody, (_("Staff"), staff), (_("API keys"), list(names.keys.items()))]
        fields["kind"].choices = [("", pgettext_lazy("audit", "Anything")), *showing.kinds()]

    @property
    def asked(self) -> Asked:
        told = self.cleaned_data
        subject, orders = _of_subject(told["subject"])
        return Asked(
            told["who"], told["kind"], _customers(told["customer"]), subject, orders, told["since"], told["until"]
        )

    @property
    def said(self) -> str:
        """For the audit of an export: which fields were filled in, and how, as far as it names nobody."""
        told = {name: value for name, value in self.cleaned_data.items() if value}
        if "customer" in told:
            told["customer"] = LEFT_OUT
        if "subject" in told and _of_subject(told["subject"]) == (None, ()):
            told["subject"] = LEFT_OUT  # neither a number nor an order's: it may be a name
        return ", ".join(f"{name}={value}" for name, value in told.items()) or "*"


def _customers(text: str) -> tuple[int, ...] | None:
    """The cards that were meant, with those that went into them; nobody found is nobody, not everybody."""
    if not text:
        return None
    found = set(find_ids(text)) | {pk for pk in (customer_of(text), _number(text)) if pk is not None}
    merged = Customer.objects.filter(Q(pk__in=found) | Q(merged_into__in=found)).values_list("pk", flat=True)
    return tuple(sorted(found | set(merged)))


def _of_subject(text: str) -> tuple[int | None, tuple[int, ...] | None]:
    if not text:
        return None, None
    orders = Order.objects.filter(reference=text).order_by("-pk").values_list("pk", flat=True)[:50]
    return _number(text), tuple(orders)


def _number(text: str) -> int | None:
    return number_in(text.strip().removeprefix("#"))
