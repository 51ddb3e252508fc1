"""The fields of the card that are edited in place: which they are, how each is asked for and shown."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.contact.beside import known_of, put_beside
from crm.forms import Day, staff
from crm.models import Customer, CustomField, Identifier
from crm.models.card_number import card_number
from crm.own_fields import fields as own_fields
from shop import formats
from shop.preferences import time_zones

EDITABLE = {
    "given_name": gettext_lazy("Add a given name"),
    "family_name": gettext_lazy("Add a family name"),
    "birthday": gettext_lazy("Add a birthday"),
    "language": gettext_lazy("Choose a language"),
    "time_zone": gettext_lazy("As the shop’s"),
    "owner": gettext_lazy("Nobody yet"),
    "source": gettext_lazy("Add a source"),
    "company": gettext_lazy("Add a company"),
    "street": gettext_lazy("Add a street"),
    "postcode": gettext_lazy("Add a postcode"),
    "city": gettext_lazy("Add a town"),
    "country": gettext_lazy("Add a country"),
    "about": gettext_lazy("Write something about them"),
}
CONTACT_KINDS = (Identifier.Kind.PHONE, Identifier.Kind.EMAIL)


@dataclass(frozen=True)
class Shown:
    """One field as the card shows it."""

    name: str
    label: Any
    words: str
    invitation: Any


def is_editable(name: str) -> bool:
    return name in EDITABLE or own_fields.named(name) is not None


def shown(customer: Customer, name: str) -> Shown:
    if own := own_fields.named(name):
        return own_shown(customer, own)
    return Shown(name, Customer._meta.get_field(name).verbose_name, _words(customer, name), EDITABLE[name])


def own_shown(customer: Customer, own: CustomField) -> Shown:
    words = own.words(customer.custom.get(own.key))
    return Shown(own.name, own.label, words, pgettext("field", "Add"))


def fields(customer: Customer) -> list[Shown]:
    return [shown(customer, name) for name in EDITABLE if name != "about"]


def _words(customer: Customer, name: str) -> str:
    if name == "birthday":
        return _birthday(customer)
    if name == "language":
        return customer.get_language_display()
    return str(getattr(customer, name) or "")


def _birthday(customer: Customer) -> str:
    born = customer.birthday
    if not born:
        return ""
    today = timezone.localdate()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    years = ngettext("%(n)s year", "%(n)s years", age) % {"n": age}
    return _("%(day)s, %(years)s") % {"day": formats.day(born), "years": years}


def form_for(name: str, customer: Customer, data: Any = None) -> Any:
    """A form of one field; of those that is_editable knows."""
    if own := own_fields.named(name):
        return own_fields.form_for(own, customer, data)
    made = forms.modelform_factory(Customer, fields=[name], widgets=_widgets(name))(data, instance=customer)
    made.fields[name].widget.attrs["autofocus"] = True
    if name == "owner":
        made.fields["owner"].queryset = staff()
        made.fields["owner"].empty_label = _("Nobody")
    if name == "birthday":
        made.fields["birthday"].validators.append(_born)
    if name == "time_zone":
        made.fields["time_zone"].validators.append(_is_zone)
    return made


def _widgets(name: str) -> dict[str, forms.Widget]:
    if name == "birthday":
        return {name: Day()}
    if name == "time_zone":
        return {name: forms.Select(choices=[("", _("As the shop’s")), *time_zones()])}
    return {}


def _is_zone(name: str) -> None:
    if name not in dict(time_zones()):
        raise forms.ValidationError(_("This is not a time zone."))


def _born(day: Any) -> None:
    if not day.year >= 1900 or day > timezone.localdate():
        raise forms.ValidationError(_("Nobody was born then."))


def contacts(customer: Customer, names: dict[str, str] | None = None) -> dict[str, Any]:
    """Phones and e-mails, and the numbers the customer is known by. `names` of staff, when somebody has asked."""
    known = sorted(known_of(customer), key=lambda one: (one.kind != Identifier.Kind.PHONE, one.pk))
    channels = [one for one in known if one.kind in CONTACT_KINDS]
    put_beside(customer, channels, names)
    return {
        "channels": channels,
        "numbers": [one for one in known if one.kind not in CONTACT_KINDS],
        "our_card": "" if any(one.kind == Identifier.Kind.CARD for one in known) else card_number(customer.pk),
    }
