import pytest

from crm.segments import few_texts
from tests import build

pytestmark = pytest.mark.django_db


def found(value: str) -> set[int] | None:
    ids = few_texts.among("country")(value)
    return None if ids is None else {row["pk"] for row in ids}


def test_whose_country_contains_something_is_found_among_the_different_ones(ana, ben):
    kingdom = build.customer("Ivy", country="United Kingdom")
    states = build.customer("Jo", country="UNITED STATES")

    assert found(" united ") == {kingdom.pk, states.pk}
    assert found("king") == {kingdom.pk}
    assert found("atlantis") == set()
    assert found("-") == {ana.pk, ben.pk}


def test_where_there_are_many_different_ones_everybody_is_looked_at(as_manager, monkeypatch):
    build.customer("Ivy", country="Ireland")
    build.customer("Jo", country="Jordan")
    monkeypatch.setattr(few_texts, "MOST", 1)

    assert found("ire") is None
    page = as_manager.get("/customers/?country=ire").content.decode()
    assert ("Ivy" in page, "Jo" in page) == (True, False)
