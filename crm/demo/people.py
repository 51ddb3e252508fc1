"""Gives the customers of the demo names, addresses, birthdays, e-mails and phones: the same on every machine."""

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.db import connection

from crm.demo.names import COUNTRIES, ELSEWHERE, LIVING, PHONES, TOWNS, Tongue
from crm.models import Identifier
from shop.models import Setting

SEED = 20121
MAIL_HOSTS = ("example.com", "example.com", "example.org", "example.net")
LATIN = str.maketrans(
    dict(
        zip(
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьыъэюяёłøæß",
            "a b v h g d e ye zh z y i yi i k l m n o p r s t u f kh ts ch sh shch  y  e yu ya yo l o ae ss".split(" "),
            strict=True,
        )
    )
)
GREEK = str.maketrans("αβγδεζηθικλμνξοπρστυφχψως", "avgdezitiklmnxoprstyfhpos")

UPDATE = """
    UPDATE crm_customer AS customer
       SET given_name = person.given, family_name = person.family, country = person.country, city = person.city,
           language = person.language, birthday = person.birthday
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[])
           AS person (id, given, family, country, city, language, birthday)
     WHERE customer.id = person.id
"""


@dataclass
class Person:
    id: int
    given: str
    family: str
    country: str
    city: str
    language: str
    birthday: date | None
    email: str
    phone: str


def invent() -> int:
    """Call it inside a transaction. Returns how many people there are."""
    with connection.cursor() as cursor:
        cursor.execute("""SELECT customer.id, customer.country FROM crm_customer AS customer
                            JOIN crm_identifier AS known ON known.customer_id = customer.id AND known.kind = 'external'
                           ORDER BY known.normalised""")
        known = cursor.fetchall()
        chance = random.Random(SEED)  # noqa: S311 (the same people everywhere is the point)
        people = [_person(chance, pk, country) for pk, country in known]
        _one_address_each(people)
        columns = ("id", "given", "family", "country", "city", "language", "birthday")
        cursor.execute(UPDATE, [[getattr(person, name) for person in people] for name in columns])
    with Setting.read_once():  # a phone number asks for the country of the shop
        found = [identifier for person in people for identifier in _identifiers(person)]
    Identifier.objects.bulk_create(found, batch_size=2000)
    return len(people)


def _person(chance: random.Random, pk: int, spelled: str) -> Person:
    country = COUNTRIES.get(spelled, spelled)
    tongue = _tongue(chance, country)
    given, family = chance.choice(tongue.given), chance.choice(tongue.family).replace("_", " ")
    born = date(chance.randint(1946, 2003), chance.randint(1, 12), chance.randint(1, 28))
    return Person(
        id=pk,
        given=given,
        family=family,
        country=country,
        city=chance.choice(TOWNS.get(country, ("",))),
        language=tongue.language,
        birthday=born if chance.random() < 0.4 else None,
        email=_email(chance, given, family) if chance.random() < 0.9 else "",
        phone=_phone(chance, country) if chance.random() < 0.6 else "",
    )


def _tongue(chance: random.Random, country: str) -> Tongue:
    tongues = LIVING.get(country, ELSEWHERE)
    return chance.choices([tongue for tongue, _ in tongues], [weight for _, weight in tongues])[0]


def _email(chance: random.Random, given: str, family: str) -> str:
    name = f"{_latin(given)}.{_latin(family)}"
    number = chance.randint(2, 99) if chance.random() < 0.6 else ""
    return f"{name}{number}@{chance.choice(MAIL_HOSTS)}"


def _one_address_each(people: list[Person]) -> None:
    """Two who were given the same address by chance would be taken for one. There are few numbers for inventions."""
    taken: set[str] = {""}
    for person in people:
        name, _at, host = person.email.partition("@")
        number = 100
        while person.email and person.email in taken:
            number += 1
            person.email = f"{name}{number}@{host}"
        person.phone = "" if person.phone in taken else person.phone
        taken |= {person.email, person.phone}


def _latin(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(LATIN))
    return re.sub(r"[^a-z]", "", plain.translate(GREEK)) or "post"


def _phone(chance: random.Random, country: str) -> str:
    return "".join(str(chance.randint(0, 9)) if mark == "%" else mark for mark in PHONES.get(country, ""))


def _identifiers(person: Person) -> list[Identifier]:
    given = {"email": person.email, "phone": person.phone}
    return [
        Identifier(customer_id=person.id, kind=kind, value=value, normalised=Identifier.normalise(kind, value))
        for kind, value in given.items()
        if value
    ]
