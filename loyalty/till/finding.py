"""Whose basket it is: by number, card, e-mail or phone."""

from crm.models import Customer, Identifier
from crm.models.known_by import KnownBy
from loyalty.till.asked import Contact
from shop.asking import find


def with_code(text: str) -> Customer | None:
    """The number of their card, also as their own page shows it."""
    return present(KnownBy(source="", card=text).find()) if text.strip() else None


def with_number(pk: int) -> Customer | None:
    return present(find(Customer, pk))


def with_contact(contact: Contact, source: str) -> Customer | None:
    known = KnownBy(source=source, **{name: getattr(contact, name) for name in contact.__dataclass_fields__})
    return present(known.find())


def anything(text: str) -> Customer | None:
    """What staff type or scan: exactly one of these, or nobody."""
    text = text.strip()[:254]
    if found := with_code(text):
        return found
    if "@" in text:
        return with_contact(Contact(email=text), "")
    if len(Identifier.normalise("phone", text)) > 5 and sum(letter.isdigit() for letter in text) > 5:
        return with_contact(Contact(phone=text), "")
    return None


def present(customer: Customer | None) -> Customer | None:
    while customer and customer.merged_into:
        customer = customer.merged_into
    return customer if customer and not customer.erased_at else None
