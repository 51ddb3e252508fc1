"""What staff write down when a customer says what they want, and why an address works again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Consent

AS_IT_IS = [("", _("as it is")), ("yes", _("yes")), ("no", _("no"))]
METHODS = [(method.value, method.label) for method in Consent.QUOTED]


class ConsentForm(forms.Form):
    """Only what the customer said counts: for a yes their words are needed, and always how they said it."""

    method = forms.ChoiceField(label=_("How they said it"), choices=METHODS)
    wording = forms.CharField(
        label=_("In their words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for purpose in Consent.Purpose:
            field = forms.ChoiceField(label=purpose.label, choices=AS_IT_IS, required=False)
            self.fields[purpose.value] = field
        self.order_fields([*Consent.PURPOSES, "method", "wording"])
        self.fields[Consent.PURPOSES[0]].widget.attrs["autofocus"] = True

    @property
    def purposes(self) -> list[Any]:
        return [self[purpose] for purpose in Consent.PURPOSES]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        said = {values.get(purpose) for purpose in Consent.PURPOSES} - {"", None}
        if not said:
            raise forms.ValidationError(_("Choose what the customer wants or does not want."))
        if "yes" in said and not (values.get("wording") or "").strip():
            self.add_error("wording", _("A yes counts in the customer’s own words. Write them down."))
        return values

    def choices(self, held: dict[str, Consent]) -> dict[str, str]:
        """{purpose: state} of what was said."""
        found = {}
        for purpose in Consent.PURPOSES:
            if self.cleaned_data[purpose] == "yes":
                found[purpose] = Consent.State.GIVEN.value
            elif self.cleaned_data[purpose] == "no":
                found[purpose] = no_to(held.get(purpose))
        return found


def no_to(row: Consent | None) -> str:
    """A no to what was never allowed is a refusal; what was refused stays a refusal."""
    refused = row is None or row.state == Consent.State.REFUSED
    return Consent.State.REFUSED if refused else Consent.State.WITHDRAWN


class LiftForm(forms.Form):
    why = forms.CharField(
        label=_("How do you know that it works again?"), max_length=200, widget=forms.TextInput({"autofocus": True})
    )
