"""The columns of a file of customers, and how their cells are read."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from crm.imports import values
from crm.imports.cells import key, texts
from crm.imports.columns import Mapping
from crm.imports.kinds import Cells, Field, Read, Staged
from crm.imports.reasons import Rejected
from crm.models import Consent, CustomField, Identifier
from crm.models.tag import NoTag, checked
from shop.models import Setting, User

# Texts of the card: column of the file → how long at most. An empty cell changes nothing.
TEXTS = {
    "given_name": 120,
    "family_name": 120,
    "company": 120,
    "street": 200,
    "postcode": 20,
    "city": 120,
    "country": 80,
    "source": 64,
    "about": 4000,
}
OTHERS = {"birthday": "date", "language": "text", "owner_id": "bigint", "created_at": "timestamptz"}
MARKS = {"external": "customer_id", "card": "card", "email": "email", "phone": "phone"}
REFUSABLE = (
    Consent.Purpose.OFFERS,
    Consent.Purpose.FEEDBACK,
    Consent.Purpose.POINTS,
    Consent.Purpose.BIRTHDAY,
    Consent.Purpose.PROFILING,
)
OWN = "custom."  # before the key of a field of the shop's own
# What people write, and what spreadsheets make of a tick, in the four languages of the interface.
NO = {"no", "n", "0", "false", "off", "-", "unsubscribed", "opted out", "withdrawn", "refused"}
NO |= {"нет", "н", "ложь", "отказ", "отписан", "ні", "хибність", "відмова", "відписано", "nie", "fałsz", "odmowa"}
YES = {"yes", "y", "1", "true", "on", "+", "subscribed", "opted in", "given"}
YES |= {"да", "д", "истина", "согласен", "так", "т", "істина", "згода", "tak", "t", "prawda", "zgoda"}
BIRTH = date(1900, 1, 1)
# No rule of addresses can object to such a one, and there is nothing to normalise but its capitals.
PLAIN_EMAIL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]{1,63}\.)+[A-Za-z]{2,63}")

FIELDS = {
    "customer_id": Field(_("Customer number"), ("customer", "customerno", "customernumber", "clientid", "externalid")),
    "card": Field(_("Card number"), ("cardno", "cardnumber", "loyaltycard")),
    "email": Field(_("E-mail"), ("mail", "emailaddress", "customeremail")),
    "phone": Field(_("Phone"), ("phonenumber", "mobile", "telephone", "tel", "customerphone")),
    "given_name": Field(_("Given name"), ("firstname", "forename", "name")),
    "family_name": Field(_("Family name"), ("lastname", "surname")),
    "birthday": Field(_("Birthday"), ("birthdate", "dateofbirth", "dob", "born")),
    "language": Field(_("Language"), ("locale", "lang")),
    "company": Field(_("Company"), ("organisation", "organization")),
    "street": Field(_("Street"), ("address", "address1", "streetaddress")),
    "postcode": Field(_("Postcode"), ("zip", "zipcode", "postalcode")),
    "city": Field(_("Town"), ("town",)),
    "country": Field(_("Country"), ("countryname",)),
    "source": Field(_("Source"), ("origin", "channel", "acquiredby")),
    "about": Field(_("About"), ("notes", "note", "comment", "remarks")),
    "owner": Field(_("Owner"), ("owneremail", "accountmanager")),
    "tags": Field(_("Tags"), ("labels", "groups")),
    "created_at": Field(_("Customer since"), ("created", "registered", "registeredat", "signupdate", "since")),
    "consent_offers": Field(_("Offers: yes or no"), ("newsletter", "marketing", "acceptsmarketing", "optin")),
    "consent_feedback": Field(_("Surveys: yes or no"), ("surveys",)),
    "consent_points": Field(_("Points: yes or no"), ()),
    "consent_birthday": Field(_("Birthday greetings: yes or no"), ()),
    "consent_profiling": Field(_("Personal advice: yes or no"), ("profiling",)),
}
NEEDED = (tuple(MARKS.values()),)


def fields() -> dict[str, Field]:
    own = {f"{OWN}{field.key}": Field(field.label) for field in CustomField.objects.present()}
    return FIELDS | own


def own_keys(mapping: Mapping) -> list[str]:
    return [name.removeprefix(OWN) for name in mapping.columns if name.startswith(OWN)]


def refusals(mapping: Mapping) -> list[str]:
    return [str(purpose) for purpose in REFUSABLE if f"consent_{purpose}" in mapping.columns]


def staging(mapping: Mapping) -> str:
    marks = [f"{mark} text, {mark}_is text" for mark in MARKS]
    plain = [f"{name} text" for name in TEXTS] + [f"{name} {kind}" for name, kind in OTHERS.items()]
    own = [f"custom_{name} text" for name in own_keys(mapping)]
    said = [f"consent_{purpose} boolean" for purpose in REFUSABLE]
    return ", ".join(["line bigint", *marks, *plain, *own, *said, "tags text"])


def staged(mapping: Mapping, today: date) -> Iterable[Staged]:
    moments, days = values.Moments(mapping.dates, today), values.Moments(mapping.dates, today, earliest=BIRTH)
    for mark, field in MARKS.items():
        yield Staged(field, mark, texts(254))
        yield Staged(field, f"{mark}_is", NORMALISED[mark]())
    for name, limit in TEXTS.items():
        yield Staged(name, name, texts(limit))
    yield Staged("birthday", "birthday", of_few(lambda text: days(text)[:10]))
    yield Staged("language", "language", of_few(_language))
    yield Staged("owner", "owner_id", of_few(_owners()))
    yield Staged("created_at", "created_at", if_any(moments))
    yield Staged("tags", "tags", of_few(_tags))
    for purpose in REFUSABLE:
        yield Staged(f"consent_{purpose}", f"consent_{purpose}", of_few(_yes_or_no))
    for field in CustomField.objects.present():
        yield Staged(f"{OWN}{field.key}", f"custom_{field.key}", if_any(partial(_own, field)))


def left_out(mapping: Mapping, rows: Sequence[list[str]]) -> list[str]:
    """Somebody with nothing to be known by could come in again and again."""
    places = [at for field in MARKS.values() if (at := mapping.index_of(field)) is not None]
    return ["" if any(row[at].strip() for at in places) else "nothing_known_by" for row in rows]


def if_any(read: Callable[[str], Any]) -> Read:
    """Each cell by itself; an empty one says nothing."""

    def column(cells: Cells) -> list[Any]:
        return [read(text) if (text := cell.strip()) else "" for cell in cells]

    return column


def of_few(read: Callable[[str], Any]) -> Read:
    """The same, of values that come again and again: each is read once."""
    known = values.Remembered(read)
    return if_any(known.__getitem__)


def _emails() -> Read:
    def read(text: str) -> str:
        if PLAIN_EMAIL.fullmatch(text):
            return text.lower()
        try:
            validate_email(found := Identifier.normalise("email", text))
        except ValidationError:
            raise Rejected("email") from None
        return found

    return if_any(read)


def _phones() -> Read:
    country = Setting.get("shop.phone_country")

    def read(text: str) -> str:
        if len(number := Identifier.normalise_phone(key(text), country)) < 4:
            raise Rejected("phone")
        return number

    return if_any(read)


NORMALISED: dict[str, Callable[[], Read]] = {
    "external": lambda: texts(254, key),
    "card": lambda: texts(254, key),
    "email": _emails,
    "phone": _phones,
}


def _language(text: str) -> str:
    known = {code: code for code, _name in settings.LANGUAGES}
    known |= {name.casefold(): code for code, name in settings.LANGUAGES}
    code = known.get(text.casefold()) or known.get(text[:2].casefold() if text[2:3] in "-_" else "")
    if not code:
        raise Rejected("language")
    return code


def _owners() -> Callable[[str], int]:
    known = {user.email.casefold(): user.pk for user in User.objects.active()}

    def read(text: str) -> int:
        try:
            return known[text.casefold()]
        except KeyError:
            raise Rejected("owner") from None

    return read


def _tags(text: str) -> str:
    try:
        names = [checked(name) for name in text.replace("|", ";").replace(",", ";").split(";") if name.strip()]
    except NoTag:
        raise Rejected("tag") from None
    return json.dumps(names, ensure_ascii=False)


def _yes_or_no(text: str) -> bool:
    said = text.casefold()
    if said not in YES | NO:
        raise Rejected("yes_or_no")
    return said in YES


def _own(field: CustomField, text: str) -> str:
    try:
        return json.dumps(field.clean_value(text), ensure_ascii=False)
    except ValidationError:
        raise Rejected("own_field") from None
