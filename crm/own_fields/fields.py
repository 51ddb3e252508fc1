"""How the fields that a shop defines for itself are asked for, shown on the card, and asked about in the list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import DateField, DecimalField, F, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Lower
from django.utils.translation import gettext as _

from crm.facets import Facet
from crm.forms import Day
from crm.models import Customer, CustomField
from crm.models.custom_field import LONGEST, PREFIX
from shop.at_once import once_a_page

FACET = "custom_"


def named(name: str) -> CustomField | None:
    """The present field that Customer.edit knows by this name."""
    if not name.startswith(PREFIX):
        return None
    return CustomField.objects.present().filter(key=name.removeprefix(PREFIX)).first()


# ---- Forms --------------------------------------------------------------------------------------------
class OwnField(forms.Field):
    """Reads by the rules of the custom field; an empty answer is no value."""

    def __init__(self, custom: CustomField, **options: Any) -> None:
        super().__init__(label=custom.label, required=False, widget=_widget(custom), **options)
        self.custom = custom

    def clean(self, value: Any) -> Any:
        return self.custom.clean_value(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value


def _widget(custom: CustomField) -> forms.Widget:
    if custom.kind == CustomField.Kind.CHOICE:
        return forms.Select(choices=[("", "–"), *((choice, choice) for choice in custom.choices)])
    if custom.kind == CustomField.Kind.YES_NO:
        return forms.Select(choices=[("", "–"), ("yes", _("yes")), ("no", _("no"))])
    if custom.kind == CustomField.Kind.DATE:
        return Day()
    if custom.kind == CustomField.Kind.NUMBER:
        return forms.TextInput({"inputmode": "decimal"})
    return forms.TextInput({"maxlength": LONGEST})


def form_field(custom: CustomField) -> OwnField:
    return OwnField(custom)


def form_for(custom: CustomField, customer: Customer, data: Any = None) -> forms.Form:
    """A form of this one field, named as Customer.edit names it."""
    form = forms.Form(data, initial={custom.name: customer.custom.get(custom.key)})
    form.fields[custom.name] = form_field(custom)
    form.fields[custom.name].widget.attrs["autofocus"] = True
    return form


def read_text(custom: CustomField, text: str) -> tuple[Any, str]:
    """(value, what is wrong with it) of a cell of a file."""
    try:
        return custom.clean_value(text), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


# ---- Facets -------------------------------------------------------------------------------------------
@once_a_page
def _present() -> list[CustomField]:
    return list(CustomField.objects.present())


def facets() -> Iterable[Facet]:
    """One for each present field (config/facets.py calls this)."""
    return [_facet(custom) for custom in _present()]


def _facet(custom: CustomField) -> Facet:
    name, text = f"{FACET}{custom.key}", KeyTextTransform(custom.key, "custom")
    options: dict[str, Any] = {"column": False, "blank": True}
    if custom.kind == CustomField.Kind.NUMBER:
        number = Cast(text, DecimalField(max_digits=18, decimal_places=3))
        return Facet(name, custom.label, "number", number, **options)
    if custom.kind == CustomField.Kind.DATE:
        return Facet(name, custom.label, "date", Cast(text, DateField()), **options)
    if custom.kind == CustomField.Kind.TEXT:
        words = Coalesce(text, Value(""), output_field=TextField())
        return Facet(name, custom.label, "text", words, asked=Lower(words), **options)
    options["condition"] = _held(custom)
    if custom.kind == CustomField.Kind.YES_NO:
        return Facet(name, custom.label, "yes_no", F(f"custom__{custom.key}"), **options)
    options["choices"] = [(choice, choice) for choice in custom.choices]
    return Facet(name, custom.label, "choice", text, **options)


def _held(custom: CustomField) -> Any:
    """Answered by the index of the column."""

    def condition(value: str) -> Q:
        if value == "-":
            return ~Q(custom__has_key=custom.key)
        return Q(custom__contains={custom.key: value == "yes" if custom.kind == "yes_no" else value})

    return condition
