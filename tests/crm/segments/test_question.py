"""The language in which questions are asked."""

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from crm.facets import Facet, all_facets
from crm.segments.address import RESERVED, read_groups, spelled_out, write_groups
from crm.segments.question import Question
from tests import build


@pytest.fixture
def three(sam, mira):
    """ana lives in Ludlow and is sam's, ben in Hereford and mira's, cleo nowhere known and nobody's."""
    return {
        "ana": build.customer("Ana", city="Ludlow", owner=sam, email="ana@people.example", language="pl"),
        "ben": build.customer("Ben", city="Hereford", owner=mira, birthday=date(1980, 2, 29)),
        "cleo": build.customer("Cleo", about="Likes tea."),
    }


def who(address, user) -> set[str]:
    return {customer.given_name for customer in Question.read(QueryDict(address), user).customers}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("city=ludlow&city=heref", {"Ana", "Ben"}),
        ("city.not=ludlow", {"Ben", "Cleo"}),
        ("city.not=ludlow&city.not=heref", {"Cleo"}),
        ("city=-", {"Cleo"}),
        ("city.not=-", {"Ana", "Ben"}),
        ("city=ludlow&language=pl", {"Ana"}),
        ("city=heref&language=pl", set()),
        ("city=heref&language=pl&match=any", {"Ana", "Ben"}),
        ("city=heref&2.language=pl", set()),
        ("city=heref&2.language=pl&groups=any", {"Ana", "Ben"}),
        ("city=heref&has_email=no&2.language=pl&2.has_about=yes&2.match=any&groups=any", {"Ana", "Ben", "Cleo"}),
        ("2.language=pl&2.has_about=yes&2.match=any&city.not=ludlow", {"Cleo"}),
        ("has_email=yes", {"Ana"}),
        ("has_email.not=yes", {"Ben", "Cleo"}),
        ("has_email=no", {"Ben", "Cleo"}),
        ("has_phone=no", {"Ana", "Ben", "Cleo"}),
        ("birthday=month-2", {"Ben"}),
        ("birthday=-", {"Ana", "Cleo"}),
        ("language=-", {"Ben", "Cleo"}),
        ("owner=-", {"Cleo"}),
        ("owner=me", {"Ana"}),
        ("owner.not=me", {"Ben", "Cleo"}),
        ("state=no_orders", {"Ana", "Ben", "Cleo"}),
        ("net.not=5..", {"Ana", "Ben", "Cleo"}),
        ("left_out=no", {"Ana", "Ben", "Cleo"}),
        ("match=all&1.city=ludlow", {"Ana"}),
        ("q=ben&city=heref", {"Ben"}),
        ("q=ben&city=ludlow", set()),
    ],
)
def test_a_question_finds_exactly_who_answers_to_it(three, sam, address, found):
    assert who(address, sam) == found


def test_is_not_turns_every_answer_round(three, sam, mira):
    """Whatever is asked: those who meet it and those who do not are everybody, once."""
    for name, facet in all_facets().items():
        if not facet.askable:
            continue
        value = {"text": "lud", "number": "5..", "money": "5..", "date": "2020-01-01.."}.get(facet.kind)
        for one in [value] if value else [key for key, _label in facet.options()][:3]:
            met, not_met = who(f"{name}={one}", mira), who(f"{name}.not={one}", mira)
            assert not met & not_met, name
            assert met | not_met == {"Ana", "Ben", "Cleo"}, name


@pytest.mark.parametrize("day", ["2027-02-28", "2028-02-29"])
def test_who_was_born_on_the_day_that_is_not_every_year_has_a_birthday_every_year(three, sam, time_machine, day):
    time_machine.move_to(f"{day}T12:00:00Z")

    assert who("birthday=today", sam) == {"Ben"}
    assert who("birthday=in-7-days", sam) == {"Ben"}


def test_birthdays_within_thirty_days_go_on_into_the_next_year(sam, time_machine):
    build.customer("New", birthday=date(1990, 1, 3))
    build.customer("Old", birthday=date(1990, 2, 3))
    time_machine.move_to("2026-12-20T12:00:00Z")

    assert who("birthday=in-30-days", sam) == {"New"}


NAMES = st.sampled_from(["city", "country", "name", "orders", "state"])
FILTERS = st.lists(
    st.tuples(st.integers(1, 4), NAMES, st.booleans(), st.lists(st.text("ab 5.", min_size=1, max_size=4), min_size=1)),
    max_size=6,
)


@given(FILTERS, st.sets(st.integers(1, 4)), st.booleans())
def test_what_an_address_says_is_written_as_it_was_read(filters, any_of, any_group):
    address = QueryDict(mutable=True)
    for number, name, negated, values in filters:
        prefix = "" if number == 1 else f"{number}."
        address.setlist(f"{prefix}{name}{'.not' if negated else ''}", values)
    for number in any_of:
        address["match" if number == 1 else f"{number}.match"] = "any"

    groups = read_groups(address)
    again = QueryDict(mutable=True)
    for key, value in write_groups(groups, any_group):
        again.appendlist(key, value)

    def meaning(found):
        return [(one.number, set(one.filters), one.any and len(one.filters) > 1) for one in found]

    assert meaning(read_groups(again)) == meaning(groups)


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("orders.from=2&orders.to=5", "orders=2..5"),
        ("orders.from=2&orders.to=", "orders=2.."),
        ("orders.from=&orders.to=", ""),
        ("orders.from=2&orders.to=2&orders.from=9&orders.to=", "orders=2&orders=9.."),
        ("city=a&city=&city.how=not", "city.not=a"),
        ("2.city=a&2.city.how=", "2.city=a"),
        ("owner=-&orders.from=1&orders.to=3&orders=-&orders.how=", "owner=-&orders=-&orders=1..3"),
    ],
)
def test_what_a_form_sends_is_spelled_out(sent, address):
    plain = spelled_out(QueryDict(sent))

    assert plain is not None
    assert {key: plain.getlist(key) for key in plain} == {
        key: QueryDict(address).getlist(key) for key in QueryDict(address)
    }


TOO_MANY = "&".join(f"{n}.{name}=a" for n in range(1, 10) for name in "city name country source company".split())


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("colour=red", "There is no filter “colour”"),
        ("at_stake=5..", "“At stake” is not for your role"),
        ("email=ana", "There is no filter “email”"),
        ("view=99", "This view is gone"),
        (
            "&".join(f"{n}.city=a&{n}.name=b&{n}.country=c&{n}.source=d&{n}.company=e" for n in range(1, 10)),
            "At most 40",
        ),
        ("city=" + "&city=".join(f"a{n}" for n in range(60)), "too many values"),
    ],
)
def test_what_is_not_there_is_said_and_nobody_is_meant(three, sam, address, says):
    question = Question.read(QueryDict(address), sam)

    assert says in question.problems[0]
    assert not question.readable
    assert not question.customers.exists()
    assert question.listed.count() in (0, 3)


def test_no_facet_has_a_name_that_an_address_uses_for_something_else(db):
    assert not set(all_facets()) & RESERVED


def test_facets_that_stand_in_the_database_are_asked_for_anew(db, sam, monkeypatch):
    from crm import facets

    rows = []
    monkeypatch.setattr(facets, "_table", lambda: (Facet("name", "Name", "text", None), lambda: rows))
    before = set(facets.all_facets())
    rows.append(Facet("custom_size", "Size", "text", None))

    assert before == {"name"}
    assert set(facets.all_facets()) == {"name", "custom_size"}
