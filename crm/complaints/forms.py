"""What staff type about a complaint."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.complaints.fields import files_field
from crm.forms import staff
from crm.models import Complaint, Customer, Note
from shop import formats
from shop.currency import currency_in_force
from shop.models import Setting, User

ORDERS = 60


class ComplaintForm(forms.ModelForm):
    files = files_field()

    class Meta:
        model = Complaint
        fields = ["title", "details", "kind", "severity", "channel", "order", "owner"]
        widgets = {"details": forms.Textarea({"rows": 4})}

    def __init__(self, *args: Any, customer: Customer, by: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["title"].widget.attrs["autofocus"] = True
        self.fields["order"].queryset = newest_orders(customer)
        self.fields["order"].label_from_instance = in_words
        self.fields["order"].empty_label = _("No order in particular")
        if by.may("complaints.assign"):
            self.fields["owner"].queryset = staff()
            self.fields["owner"].empty_label = None
            self.initial.setdefault("owner", customer.owner or by)
        else:
            del self.fields["owner"]


def newest_orders(customer: Customer) -> Any:
    """A choice filters it once more, which a slice does not allow."""
    newest = customer.orders.order_by("-placed_at", "-pk").values("pk")[:ORDERS]
    return customer.orders.filter(pk__in=newest).order_by("-placed_at", "-pk")


def in_words(order: Any) -> str:
    day = formats.day(formats.local(order.placed_at)[0])
    return f"{order.reference} · {day} · {formats.money(order.total, currency_in_force())}"


class SolutionForm(forms.Form):
    cause = forms.ChoiceField(label=gettext_lazy("Root cause"), required=False)
    outcome = forms.CharField(
        label=gettext_lazy("What was done"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any = None, *, complaint: Complaint) -> None:
        super().__init__(data, initial={"cause": complaint.cause, "outcome": complaint.outcome})
        causes = Setting.get("complaints.causes").splitlines()
        if complaint.cause and complaint.cause not in causes:
            causes.append(complaint.cause)
        self.fields["cause"].choices = [
            ("", pgettext("root cause", "Not known")),
            *((cause, cause) for cause in causes),
        ]


class AgreementForm(forms.Form):
    agreed = forms.TypedChoiceField(
        label=gettext_lazy("Does the customer agree?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")), ("", gettext_lazy("Did not say"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


class TalkForm(forms.ModelForm):
    """A conversation about this complaint."""

    files = files_field()

    class Meta:
        model = Note
        fields = ["kind", "body"]
        widgets = {"body": forms.Textarea({"rows": 2})}
        error_messages = {"body": {"required": gettext_lazy("Write what was said, then log it.")}}
