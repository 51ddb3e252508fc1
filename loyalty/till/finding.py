"""Whose basket it is: by number, by the code on their page, by card, e-mail or phone."""

import hashlib
import hmac
import re

from django.conf import settings

from crm.models import Customer, Identifier
from crm.models.known_by import KnownBy
from loyalty.discounts.codes import ALPHABET
from loyalty.till.asked import Contact

MARK = 6  # characters that nobody can guess: 31⁶ is 887 million
_CODE = re.compile(f"R([{ALPHABET}]{{1,13}})([{ALPHABET}]{{{MARK}}})")


def code_of(customer: Customer) -> str:
    """What the QR on their page says: their number, and a mark that only this shop can make. It is stored nowhere."""
    number = _written(customer.pk)
    return f"R{number}{_mark(number)}"


def shown(code: str) -> str:
    return f"{code[:-MARK]}-{code[-MARK:]}"


def with_code(text: str) -> Customer | None:
    """A code of a page, or the number of a card."""
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    found = _CODE.fullmatch(plain)
    if found and hmac.compare_digest(found[2], _mark(found[1])):
        return present(Customer.objects.filter(pk=_read(found[1])).select_related("merged_into").first())
    return present(KnownBy(source="", card=text).find()) if text.strip() else None


def with_number(pk: int) -> Customer | None:
    return present(Customer.objects.filter(pk=pk).select_related("merged_into").first())


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


def _mark(number: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"card code\n{number}".encode(), hashlib.sha256).digest()
    rest = int.from_bytes(digest[:8])
    return "".join(ALPHABET[rest // len(ALPHABET) ** i % len(ALPHABET)] for i in range(MARK))


def _written(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number, len(ALPHABET))
        letters = ALPHABET[letter] + letters
    return letters


def _read(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return min(number, 2**62)
