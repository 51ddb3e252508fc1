"""What can be done to the open flags of one customer or of many (config/actions.py), and be taken back."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analytics.models import Flag
from analytics.risk.telling import tell
from crm.bulk import telling
from crm.bulk.moves import Move
from crm.forms import Day, staff
from crm.models import ChangeSet
from crm.undo.recording import noting
from shop.formats import number


class FlagMove(Move, ABC):
    """Of customers without an open flag nothing is different afterwards."""

    fields: tuple[str, ...]
    event = ""

    def change(self, change_set: ChangeSet, ids: Sequence[int], *, actor: str) -> int:
        flags = Flag.objects.open().filter(customer__in=list(ids)).exclude(**self.done_already())
        rows = dict(flags.order_by("pk").values_list("pk", "customer"))
        with noting(change_set, Flag, list(rows), fields=self.fields):
            Flag.objects.filter(pk__in=list(rows)).update(**self.values())
        tell(self.event, [(customer, self.told()) for customer in rows.values()], actor=actor)
        return len(rows)

    @abstractmethod
    def values(self) -> dict[str, Any]:
        """What is written into each flag."""

    @abstractmethod
    def done_already(self) -> dict[str, Any]:
        """By what those are known of whom it holds already."""

    def told(self) -> dict[str, Any]:
        return {}

    def tell_back(self, change_set: ChangeSet, *, actor: str, part: telling.Part | None = None) -> None:
        rows = change_set.rows.filter(model="analytics.Flag", kept="")
        if part:
            rows = rows.filter(pk__gt=part[0], pk__lte=part[1])
        customers = rows.order_by("pk").values_list("customer_id", flat=True)
        tell("risk.reopened", [(customer, {}) for customer in customers if customer], actor=actor)


class NothingMore(forms.Form):
    """There is nothing to be asked."""

    def params(self) -> dict[str, Any]:
        return {}


class ContactedMove(FlagMove):
    form = NothingMore
    fields = ("contacted_at",)
    event = "risk.contacted"

    def values(self) -> dict[str, Any]:
        return {"contacted_at": timezone.now()}

    def done_already(self) -> dict[str, Any]:
        return {"contacted_at__isnull": False}

    def sentence(self, n: int) -> str:
        said = ngettext("%(n)s customer counts as contacted.", "%(n)s customers count as contacted.", n)
        return said % {"n": number(n)}


class DismissForm(forms.Form):
    dismissal = forms.ChoiceField(
        label=_("Why is this no risk?"),
        choices=Flag.Dismissal.choices,
        help_text=_("No new flag is raised for the same silence; after the next order everything begins anew."),
    )

    def params(self) -> dict[str, Any]:
        return {"dismissal": self.cleaned_data["dismissal"]}


class DismissMove(FlagMove):
    form = DismissForm
    fields = ("closed_at", "closed_why", "dismissal")
    event = "risk.dismissed"

    def values(self) -> dict[str, Any]:
        why = {"closed_why": Flag.Why.DISMISSED, "dismissal": self.params["dismissal"]}
        return {"closed_at": timezone.now(), **why}

    def done_already(self) -> dict[str, Any]:
        return {"closed_at__isnull": False}

    def told(self) -> dict[str, Any]:
        return {"reason": self.params["dismissal"]}

    def sentence(self, n: int) -> str:
        said = ngettext("Dismissed the flag of %(n)s customer.", "Dismissed the flags of %(n)s customers.", n)
        return said % {"n": number(n)}


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(staff(), label=_("Who sees to it"), required=False, empty_label=_("Nobody"))
    due_on = forms.DateField(label=_("By when"), required=False, widget=Day())

    def params(self) -> dict[str, Any]:
        owner, due = self.cleaned_data["owner"], self.cleaned_data["due_on"]
        return {
            "owner": owner and owner.pk,
            "actor": owner.actor if owner else "",
            "name": str(owner or ""),
            "due_on": due.isoformat() if due else None,
        }


class AssignMove(FlagMove):
    form = AssignForm
    fields = ("owner_id", "due_on")
    event = "risk.assigned"

    def values(self) -> dict[str, Any]:
        return {"owner_id": self.params["owner"], "due_on": self.params["due_on"]}

    def done_already(self) -> dict[str, Any]:
        found = {name: value for name, value in self.values().items() if value is not None}
        return found | {f"{name}__isnull": True for name, value in self.values().items() if value is None}

    def told(self) -> dict[str, Any]:
        return {"owner": self.params["actor"], "due_on": self.params["due_on"]}

    def sentence(self, n: int) -> str:
        words = {"n": number(n), "name": self.params["name"]}
        if not words["name"]:
            said = ngettext(
                "Nobody sees to the flag of %(n)s customer.", "Nobody sees to the flags of %(n)s customers.", n
            )
            return said % words
        said = ngettext(
            "%(name)s sees to the flag of %(n)s customer.", "%(name)s sees to the flags of %(n)s customers.", n
        )
        return said % words
