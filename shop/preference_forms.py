"""A settings screen as a form, made of the definitions of the preferences."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.apps import apps
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from shop import business_hours
from shop.models import Setting, User
from shop.money_field import MoneyField
from shop.preferences import Preference, all_preferences

LONGEST_TEXT = 200


def integer(p: Preference) -> forms.Field:
    return forms.IntegerField(min_value=p.minimum, max_value=p.maximum)


def decimal(p: Preference) -> forms.Field:
    return forms.DecimalField(max_digits=18, decimal_places=3, min_value=p.minimum, max_value=p.maximum)


def money(p: Preference) -> forms.Field:
    return MoneyField(max_digits=18, decimal_places=3, min_value=p.minimum, max_value=p.maximum)


def choice(p: Preference) -> forms.Field:
    return forms.ChoiceField(choices=p.choices or ())


def yes_no(p: Preference) -> forms.Field:
    return forms.BooleanField(required=False)


def text(p: Preference) -> forms.Field:
    return forms.CharField(max_length=p.maximum or LONGEST_TEXT, min_length=p.minimum, required=bool(p.default))


class HoursField(forms.CharField):
    """The opening hours of one day; empty is closed."""

    def clean(self, value: Any) -> str:
        try:
            return business_hours.written(business_hours.read_hours(super().clean(value)))
        except business_hours.Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None


class LinesField(forms.CharField):
    """One thing a line; no empty ones, none twice."""

    widget = forms.Textarea
    longest = 200

    def clean(self, value: Any) -> str:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        if any(len(line) > self.longest for line in lines):
            raise forms.ValidationError(_("At most %d characters a line.") % self.longest)
        return "\n".join(dict.fromkeys(filter(None, lines)))


class ClosedDaysField(LinesField):
    def clean(self, value: Any) -> str:
        days = super().clean(value)
        try:
            business_hours.read_closed_days(days)
        except business_hours.Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None
        return days


def hours(p: Preference) -> forms.Field:
    return HoursField(max_length=100, required=False, widget=forms.TextInput({"placeholder": _("closed")}))


def closed_days(p: Preference) -> forms.Field:
    return ClosedDaysField(max_length=4000, required=False, widget=forms.Textarea({"rows": 6}))


def lines(p: Preference) -> forms.Field:
    field = LinesField(max_length=4000, required=False, widget=forms.Textarea({"rows": 8}))
    field.longest = p.maximum or LinesField.longest
    return field


class WebField(forms.CharField):
    """Where customers are sent; {code} stands for the code of one of them."""

    https = URLValidator(schemes=["https"], message=_("Write an address such as https://shop.example/."))

    def clean(self, value: Any) -> str:
        address = super().clean(value)
        if not address:
            return ""
        filled = address.replace("{code}", "code", 1)
        if set(filled) & set('{}<>"\\^`| ') or "@" in filled.partition("//")[2].partition("/")[0]:
            raise forms.ValidationError(self.https.message)
        self.https(filled)
        return address


def web(p: Preference) -> forms.Field:
    widget = forms.URLInput({"placeholder": "https://shop.example/", "spellcheck": "false"})
    return WebField(max_length=LONGEST_TEXT, required=False, widget=widget)


def email(p: Preference) -> forms.Field:
    return forms.EmailField(max_length=254, required=bool(p.default))


KINDS: dict[str, Callable[[Preference], forms.Field]] = {
    "integer": integer,
    "decimal": decimal,
    "money": money,
    "choice": choice,
    "yes_no": yes_no,
    "text": text,
    "hours": hours,
    "closed_days": closed_days,
    "lines": lines,
    "email": email,
    "web": web,
}


def has_orders() -> bool:
    """Orders are another room's: their table is looked up, not imported."""
    return apps.get_model("crm", "Order").objects.exists()


class PreferencesForm(forms.Form):
    """One field per preference of a screen; fixed ones are shown and cannot be sent."""

    def __init__(self, screen: str, data: Any = None) -> None:
        super().__init__(data)
        self.preferences = {self.name_of(p): p for p in all_preferences() if p.screen == screen}
        self.values = Setting.all()
        fixed = has_orders()
        for name, preference in self.preferences.items():
            self.fields[name] = self._field(preference, fixed and preference.fixed_by_first_order)

    @staticmethod
    def name_of(preference: Preference) -> str:
        return preference.name.replace(".", "-")

    def _field(self, preference: Preference, fixed: bool) -> forms.Field:
        field = KINDS[preference.kind](preference)
        field.label, field.help_text = preference.label, preference.help
        field.initial, field.disabled = self.values[preference.name], fixed
        if fixed:
            field.help_text = _("Fixed since the first order: figures would no longer fit what was already counted.")
        return field

    def rows(self) -> Iterator[tuple[forms.BoundField, list[Setting]]]:
        """Each field with its last values, the newest first."""
        history: dict[str, list[Setting]] = {}
        names = [preference.name for preference in self.preferences.values()]
        for row in Setting.objects.filter(name__in=names).select_related("set_by").order_by("-since", "-pk"):
            history.setdefault(row.name, []).append(row)
        for name, preference in self.preferences.items():
            yield self[name], history.get(preference.name, [])[:6]

    @transaction.atomic
    def save(self, by: User) -> list[Preference]:
        """Writes only what differs from the value in force."""
        changed = []
        for name, preference in self.preferences.items():
            value = self.cleaned_data[name]
            if value is not None and not same(value, self.values[preference.name]):
                Setting.put(preference.name, value, by=by)
                changed.append(preference)
        return changed


def same(new: Any, old: Any) -> bool:
    return new == (Decimal(old) if isinstance(new, Decimal) else old)
