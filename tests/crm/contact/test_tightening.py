"""Imports and merges only take away, whatever they say and in whatever order they come."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.contact.budget import Asked, answers, may_contact
from crm.contact.tightening import tighten
from crm.duplicates.merging import merge
from crm.models import Consent, ConsentInForce, Customer, Event, Reaction
from tests import build

EMAIL = "ana@people.example"
PURPOSES = ["feedback", "offers", "points", "profiling"]


def in_force(address=EMAIL):
    return dict(ConsentInForce.objects.filter(address=address).values_list("purpose", "state"))


def test_an_import_takes_away_and_says_where_it_comes_from(ana, allows):
    allows(ana, "offers")

    written = tighten([("email", EMAIL, "offers"), ("email", EMAIL, "birthday")], source="import:3", by="import:3")

    assert written == 2
    assert in_force() == {"offers": "withdrawn", "birthday": "refused"}
    row = Consent.objects.get(purpose="birthday")
    assert (row.customer, row.method, row.source, row.by) == (ana, "import", "import:3", "import:3")


def test_the_same_file_twice_changes_nothing(ana, allows):
    allows(ana, "offers")
    refusals = [("email", EMAIL, "offers")] * 3

    assert [tighten(refusals, source="import:3") for _ in range(2)] == [1, 0]


def test_an_older_file_does_not_outweigh_what_the_customer_said_since(ana, allows):
    allows(ana, "offers")

    assert tighten([("email", EMAIL, "offers")], source="import:3", at=timezone.now() - timedelta(days=9)) == 0
    assert in_force() == {"offers": "given"}


def test_addresses_nobody_has_are_kept_too(db):
    assert tighten([("email", "later@people.example", "offers"), ("email", "", "offers")], source="import:3") == 1

    late = build.customer(email="later@people.example")
    assert may_contact(late, "offers").why == "refused"


def test_one_event_a_person_with_its_reactions(ana, ben, settings):
    settings.REACTIONS = "tests.crm.contact.test_tightening.REACTIONS"
    refusals = [("email", EMAIL, "offers"), ("email", EMAIL, "points"), ("email", "ben@people.example", "offers")]

    tighten(refusals, source="import:3", by="import:3")

    told = Event.objects.filter(kind="consent.withdrawn")
    purposes = {event.customer: event.data["purposes"] for event in told}
    assert purposes == {ana: ["offers", "points"], ben: ["offers"]}
    assert Reaction.objects.filter(name="tests.nothing").count() == 2


REACTIONS = {"consent.withdrawn": ["tests.nothing"]}


def test_an_imported_objection_ends_scoring(ana):
    tighten([("email", EMAIL, "profiling")], source="import:3")

    ana.refresh_from_db()
    assert ana.unprofiled_since is not None


@pytest.mark.slow
def test_many_thousands_take_a_moment(db, django_assert_max_num_queries):
    refusals = ((("email", f"n{n}@people.example", "offers")) for n in range(60_000))

    with django_assert_max_num_queries(6):
        assert tighten(refusals, source="import:3") == 60_000


@pytest.mark.parametrize("loud", [0, 1])
def test_a_merge_takes_the_strictest_of_both_cards(ana, ben, sam, allows, loud):
    both = [ana, ben]
    allows(both[loud], "offers", "feedback", state="refused")
    allows(both[1 - loud], "offers", "birthday")

    merge(ana, ben, actor=sam.actor, by=sam)

    ana.refresh_from_db()
    why = {purpose: may_contact(ana, purpose).why for purpose in ("offers", "feedback")}
    assert set(why.values()) <= {"refused", "withdrawn"}
    assert may_contact(ana, "birthday").why in ("", "quiet_hours")


@pytest.mark.slow
class AnySequence(TestCase):
    """Two people and three addresses, one of them shared; steps of imports and of the merge in any order."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        said=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(PURPOSES), st.booleans()), max_size=6),
        steps=st.lists(
            st.one_of(
                st.tuples(st.integers(0, 2), st.sampled_from(PURPOSES), st.integers(-30, 2)),
                st.just("merge"),
            ),
            min_size=1,
            max_size=6,
        ),
    )
    def test_never_loosens(self, said, steps):
        addresses = ["one@people.example", "two@people.example", "both@people.example"]
        cards = [build.customer("One", email=addresses[0]), build.customer("Two", email=addresses[1])]
        for card in cards:
            build.identifier(card, "email", addresses[2])
            build.order(card)
        for place, purpose, yes in said:
            state = {purpose: "given" if yes else "refused"}
            Consent.say(cards[place % 2], "email", addresses[place], state, method="phone", wording="So be it.")

        for step in steps:
            before = self.allowed(addresses), self.refused(addresses), self.open_to(cards)
            if step == "merge":
                if cards[1].merged_into_id is None:
                    merge(cards[0], cards[1], actor="")
                    cards = [Customer.objects.get(pk=card.pk) for card in cards]
            else:
                place, purpose, days = step
                at = timezone.now() + timedelta(days=days)
                tighten([("email", addresses[place], purpose)], source="import:1", at=at)
            after = self.allowed(addresses), self.refused(addresses), self.open_to(cards)

            assert after[0] <= before[0]
            assert after[1] >= before[1]
            if step != "merge":
                assert after[2] <= before[2]

    def allowed(self, addresses):
        held = ConsentInForce.objects.filter(address__in=addresses, state="given")
        return set(held.values_list("address", "purpose"))

    def refused(self, addresses):
        held = ConsentInForce.objects.filter(address__in=addresses).exclude(state="given")
        return set(held.values_list("address", "purpose"))

    def open_to(self, cards):
        """(card, purpose) that may be written to, by day."""
        noon = timezone.now().replace(hour=12)
        found = {purpose: answers([card.pk for card in cards], Asked(purpose, noon)) for purpose in PURPOSES}
        return {(pk, purpose) for purpose, told in found.items() for pk, answer in told.items() if answer.allowed}
