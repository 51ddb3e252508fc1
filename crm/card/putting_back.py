"""Putting a value back that an edit of the card replaced."""

from typing import Any

from django.utils.translation import gettext as _

from crm.card.fields import EDITABLE, form_for, is_editable
from crm.models import Customer, Event, Identifier
from crm.models.custom_field import PREFIX


class CannotPutBack(Exception):
    """The text says why, to the person who asked."""


def can_be_put_back(name: str) -> bool:
    return name in EDITABLE or name.startswith(PREFIX) or name in (Identifier.Kind.EMAIL, Identifier.Kind.PHONE)


def put_back(customer: Customer, event: Event, name: str, *, actor: str) -> bool:
    """False: the old value stands there already."""
    changes = event.data.get("changes", {})
    if name not in changes or not can_be_put_back(name):
        raise CannotPutBack(_("This value is not kept any more."))
    old, new = changes[name]
    if is_editable(name):
        return _put_field_back(customer, name, old, actor)
    if name.startswith(PREFIX):
        raise CannotPutBack(_("The field has been put away."))
    return _put_contact_back(customer, name, old, new, actor)


def _put_field_back(customer: Customer, name: str, old: Any, actor: str) -> bool:
    value = old.removeprefix("staff:") if name == "owner" and old else old
    form = form_for(name, Customer.objects.get(pk=customer.pk), {name: "" if value is None else value})
    if not form.is_valid():
        raise CannotPutBack(" ".join(form.errors[name]))
    return customer.edit(actor=actor, **{name: form.cleaned_data[name]})


def _put_contact_back(customer: Customer, kind: str, old: str | None, new: str | None, actor: str) -> bool:
    known = customer.identifiers.filter(kind=kind)
    if old and known.filter(normalised=Identifier.normalise(kind, old)).exists():
        return False
    present = known.filter(normalised=Identifier.normalise(kind, new)).first() if new else None
    if new and not present and not old:
        return False
    return customer.change_contact(kind, present, old or "", actor=actor)
