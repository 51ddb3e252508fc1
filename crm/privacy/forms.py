"""What staff type to erase somebody: the one place where a confirmation is typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Customer, Erasure
from shop.typed import number_in


def typed_name(customer: Customer) -> str:
    """What must be typed: the name, or the number of a card that has none."""
    return customer.name or f"#{customer.pk}"


class EraseForm(forms.Form):
    why = forms.ChoiceField(
        label=_("Why"),
        choices=[(why.value, why.label) for why in (Erasure.Why.ASKED, Erasure.Why.STAFF)],
        widget=forms.RadioSelect,
        initial=Erasure.Why.ASKED,
    )
    typed = forms.CharField(
        label=_("Type the name to confirm"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, customer: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = typed_name(customer)
        self.fields["typed"].help_text = self.expected

    def clean_typed(self) -> str:
        typed = " ".join(self.cleaned_data["typed"].split())
        if typed.casefold() != " ".join(self.expected.split()).casefold():
            raise forms.ValidationError(_("That is not the name on the card. Nothing was erased."))
        return typed


class OldCardsForm(forms.Form):
    """`what`: erase or keep, for the cards that are picked."""

    what = forms.ChoiceField(choices=[("erase", ""), ("keep", "")])
    typed = forms.CharField(required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        picked = self.data.getlist("card") if hasattr(self.data, "getlist") else []
        values["ids"] = sorted({number for one in picked if (number := number_in(one)) is not None})
        if not values["ids"]:
            raise forms.ValidationError(_("Pick the cards first."))
        if values.get("what") == "erase" and values.get("typed", "").strip() != str(len(values["ids"])):
            raise forms.ValidationError(_("Type the number of picked cards to erase them. Nothing was erased."))
        return values
