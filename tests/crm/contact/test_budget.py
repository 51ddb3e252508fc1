"""May we write, and if not, why and from when."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.contact.budget import Asked as About
from crm.contact.budget import answers, claim, give_back, may_contact, reach
from crm.models import Consent, ContactSlot, Customer, Pause, Suppression
from crm.privacy.erasing import erase
from shop.models import Setting
from tests import build
from tests.crm.contact.conftest import NOON

pytestmark = pytest.mark.usefixtures("london")
DAY = timedelta(days=1)


def why(customer, purpose, at=NOON, **more):
    return may_contact(customer, purpose, at, **more).why


def sent(customer, purpose, at):
    answer = claim(customer, purpose, cause=f"{purpose} {at} {ContactSlot.objects.count()}", at=at)
    assert answer.allowed, answer
    return answer


# ---- consent -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "with_order", "without"),
    [
        ("service", "", ""),
        ("feedback", "", "not_asked"),
        ("points", "", "not_asked"),
        ("offers", "not_asked", "not_asked"),
        ("birthday", "not_asked", "not_asked"),
    ],
)
def test_without_a_word_only_feedback_and_points_go_to_those_who_have_ordered(ana, cleo, purpose, with_order, without):
    assert (why(ana, purpose), why(cleo, purpose)) == (with_order, without)


@pytest.mark.parametrize("purpose", ["feedback", "points"])
def test_a_setting_takes_that_away(ana, purpose):
    Setting.put(f"contact.{purpose}_by_default", False)

    assert why(ana, purpose) == "not_asked"


def test_an_order_that_was_cancelled_is_no_order(cleo):
    build.order(cleo, cancelled_at=timezone.now())

    assert why(cleo, "feedback") == "not_asked"


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_no_holds_for_every_purpose_it_was_said_about(ana, allows, state):
    allows(ana, "offers", "birthday")
    allows(ana, "offers", "feedback", state=state)

    assert [why(ana, purpose) for purpose in ("offers", "feedback", "birthday", "points")] == [state, state, "", ""]


def test_a_yes_on_another_card_with_the_address_counts_and_so_does_a_no(ana, ben, allows):
    build.identifier(ben, "email", "ana@people.example")
    allows(ana, "offers")

    assert may_contact(ben, "offers", NOON).address == "ana@people.example"
    allows(ben, "offers", state="withdrawn", address="ana@people.example")
    assert why(ana, "offers") == "withdrawn"


def test_who_said_no_at_one_address_is_not_asked_by_default_at_another(ana, allows):
    build.identifier(ana, "email", "ana@work.example")

    allows(ana, "feedback", state="withdrawn")

    assert why(ana, "feedback") == "withdrawn"


def test_of_two_addresses_the_one_that_allows_it_is_used(ana, allows):
    build.identifier(ana, "email", "Ana@Work.example")
    allows(ana, "offers", state="refused")
    allows(ana, "offers", address="ana@work.example")

    answer = may_contact(ana, "offers", NOON)

    assert (answer.allowed, answer.address) == (True, "Ana@Work.example")


def test_a_card_that_was_merged_is_the_card_it_became(ana, ben):
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)
    ben.refresh_from_db()

    assert may_contact(ben, "feedback", NOON).address == "ana@people.example"


# ---- addresses -----------------------------------------------------------------------------------


def test_without_an_address_nothing_goes(db):
    assert why(build.customer(phone="+44 7700 900142"), "service") == "no_address"


@pytest.mark.parametrize("address", ["ana", "ana@", "ana@people", "an a@people.example", "@people.example"])
def test_what_cannot_be_an_address_is_not_written_to(db, address):
    customer = build.customer(email=address)
    build.order(customer)

    assert why(customer, "feedback") == "invalid_address"


@pytest.mark.parametrize(("kind", "reason"), [("hard", "bounced"), ("complaint", "complained")])
def test_a_suppressed_address_gets_nothing_not_even_service_mail(ana, allows, kind, reason):
    allows(ana, "offers")
    Suppression.note("ana@people.example", kind)

    assert {why(ana, purpose) for purpose in ("service", "feedback", "offers")} == {reason}


def test_what_an_erased_person_refused_counts_when_the_address_comes_back(ana, mira, allows):
    allows(ana, "feedback", "offers", state="refused")
    erase(ana, why="asked", by=mira)

    back = build.customer("Ana Again", email="ana@people.example")
    build.order(back)

    assert (why(back, "feedback"), why(back, "points")) == ("refused", "")


# ---- pauses, complaints, objections --------------------------------------------------------------


def test_during_a_pause_only_service_mail_goes_and_the_answer_says_until_when(ana):
    with_pause = Pause.objects.create(customer=ana, until=NOON + 10 * DAY)

    answer = may_contact(ana, "feedback", NOON)

    assert (answer.why, answer.from_) == ("paused", with_pause.until)
    assert why(ana, "service") == ""
    assert why(ana, "feedback", NOON + 11 * DAY) == ""


def test_a_pause_that_was_ended_is_none(ana):
    Pause.objects.create(customer=ana, until=NOON + 10 * DAY, ended_at=NOON)

    assert why(ana, "feedback") == ""


def test_who_is_left_out_of_the_figures_gets_service_mail_only(ana):
    Customer.objects.filter(pk=ana.pk).update(left_out_at=NOON)

    assert (why(ana, "feedback"), why(ana, "service")) == ("left_out", "")


def test_while_a_complaint_is_open_only_service_mail_goes(ana, ben):
    build.complaint(ana)
    build.complaint(ben, stage="closed")

    assert (why(ana, "feedback"), why(ana, "service"), why(ben, "feedback")) == ("complaint_open", "", "")


def test_who_objects_to_profiling_is_not_written_to_for_what_figures_say(ana, allows):
    allows(ana, "offers")
    allows(ana, "profiling", state="withdrawn")

    assert (why(ana, "offers"), why(ana, "offers", profiled=True)) == ("", "objected")


# ---- quiet hours ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hour", "from_"),
    [
        ("", 19, None),
        ("", 20, datetime(2026, 3, 11, 9, tzinfo=UTC)),
        ("", 3, datetime(2026, 3, 10, 9, tzinfo=UTC)),
        ("Asia/Tokyo", 12, datetime(2026, 3, 11, 0, tzinfo=UTC)),
        ("America/New_York", 12, datetime(2026, 3, 10, 13, tzinfo=UTC)),
        ("Nowhere/At_all", 19, None),
        ("../../etc/passwd", 19, None),
    ],
)
def test_quiet_hours_are_on_the_customers_clock(ana, zone, hour, from_):
    ana.time_zone = zone

    answer = may_contact(ana, "feedback", NOON.replace(hour=hour))

    assert (answer.allowed, answer.from_) == (from_ is None, from_)
    assert why(ana, "service", NOON.replace(hour=hour)) == ""


@pytest.mark.parametrize(("begin", "end", "quiet"), [(9, 9, []), (1, 4, [1, 2, 3]), (22, 2, [22, 23, 0, 1])])
def test_quiet_hours_are_a_setting(ana, begin, end, quiet):
    Setting.put("contact.quiet_from", begin)
    Setting.put("contact.quiet_until", end)

    found = [hour for hour in range(24) if why(ana, "feedback", NOON.replace(hour=hour))]

    assert found == sorted(quiet)


@pytest.mark.parametrize("month", [3, 10])
def test_the_end_of_quiet_hours_is_never_quiet_itself_when_the_clocks_change(ana, month):
    Setting.put("contact.quiet_until", 2)
    ana.time_zone = "Europe/Berlin"
    night = datetime(2026, month, 29 if month == 3 else 25, 0, 10, tzinfo=UTC)

    moment = may_contact(ana, "feedback", night).from_ or night

    assert may_contact(ana, "feedback", moment).allowed


# ---- caps ----------------------------------------------------------------------------------------


def test_one_survey_in_thirty_days(ana):
    sent(ana, "feedback", NOON)

    answer = may_contact(ana, "feedback", NOON + 29 * DAY)

    assert (answer.why, answer.from_) == ("too_soon", NOON + 30 * DAY)
    assert why(ana, "feedback", NOON + 30 * DAY) == ""
    assert why(ana, "feedback", NOON + DAY, reminding=True) == ""


def test_one_marketing_mail_in_seven_days_and_four_in_thirty(ana, allows):
    allows(ana, "offers", "birthday")
    for week, purpose in enumerate(["offers", "points", "birthday", "offers"]):
        assert why(ana, purpose, NOON + (7 * week - 1) * DAY) == ("too_soon" if week else "")
        sent(ana, purpose, NOON + 7 * week * DAY)

    answer = may_contact(ana, "offers", NOON + 28 * DAY)

    assert (answer.why, answer.from_) == ("too_many", NOON + 30 * DAY)
    assert why(ana, "feedback", NOON + 28 * DAY) == ""


def test_over_everything_there_is_a_cap_too(ana, allows):
    Setting.put("contact.all_most", 2)
    allows(ana, "offers")
    sent(ana, "feedback", NOON)
    sent(ana, "offers", NOON + DAY)

    answer = may_contact(ana, "offers", NOON + 10 * DAY)

    assert (answer.why, answer.from_) == ("too_many", NOON + 30 * DAY)


def test_a_gap_of_no_days_is_no_gap(ana):
    Setting.put("contact.survey_days", 0)
    sent(ana, "feedback", NOON)

    assert why(ana, "feedback", NOON + timedelta(hours=1)) == ""


def test_service_mail_is_never_counted(ana):
    for hour in range(20):
        sent(ana, "service", NOON + timedelta(hours=hour))

    assert not ContactSlot.objects.exists()
    assert why(ana, "feedback", NOON) == ""


def test_a_family_with_one_address_has_one_budget(ana, ben):
    build.identifier(ben, "email", "ana@people.example")
    ben.identifiers.filter(normalised="ben@people.example").delete()
    sent(ana, "feedback", NOON)

    assert why(ben, "feedback", NOON + DAY) == "too_soon"


def test_of_two_reasons_that_pass_the_later_one_is_told_and_never_at_night(ana):
    sent(ana, "feedback", NOON.replace(hour=19))
    Pause.objects.create(customer=ana, until=NOON + 40 * DAY + timedelta(hours=11))

    answer = may_contact(ana, "feedback", NOON + 2 * DAY)

    assert (answer.why, answer.from_) == ("paused", datetime(2026, 4, 20, 8, tzinfo=UTC))  # nine in the morning, BST


def test_what_waits_for_nothing_is_told_before_what_passes(ana):
    sent(ana, "feedback", NOON)
    Consent.say(ana, "email", "ana@people.example", {"feedback": "withdrawn"}, method="link")

    answer = may_contact(ana, "feedback", NOON + DAY)

    assert (answer.why, answer.from_) == ("withdrawn", None)


# ---- places --------------------------------------------------------------------------------------


def test_a_place_is_taken_once_per_cause_and_does_not_stand_in_its_own_way(ana):
    first = claim(ana, "feedback", cause="message:1", at=NOON)

    again = claim(ana, "feedback", cause="message:1", at=NOON + DAY)
    other = claim(ana, "feedback", cause="message:2", at=NOON + DAY)

    assert (first.allowed, again.allowed, other.why) == (True, True, "too_soon")
    assert list(ContactSlot.objects.values_list("cause", "at")) == [("message:1", NOON + DAY)]


def test_a_place_that_was_given_back_is_free(ana):
    claim(ana, "feedback", cause="message:1", at=NOON)

    assert give_back("message:1")
    assert not give_back("message:1")
    assert claim(ana, "feedback", cause="message:2", at=NOON).allowed


def test_a_place_is_given_back_when_the_second_look_says_no(ana):
    claim(ana, "feedback", cause="message:1", at=NOON)
    Consent.say(ana, "email", "ana@people.example", {"feedback": "withdrawn"}, method="link")

    assert claim(ana, "feedback", cause="message:1", at=NOON + DAY).why == "withdrawn"
    assert not ContactSlot.objects.exists()


def test_looking_takes_no_place(ana):
    may_contact(ana, "feedback", NOON)

    assert not ContactSlot.objects.exists()


# ---- many at once --------------------------------------------------------------------------------


def test_many_are_judged_at_once_as_each_would_be(ana, ben, cleo, allows):
    allows(ana, "offers")
    allows(ben, "offers", state="refused")
    everyone = [ana.pk, ben.pk, cleo.pk, build.customer().pk]

    found = answers(everyone, About("offers", NOON))

    assert {pk: one.why for pk, one in found.items()} == {
        pk: why(Customer.objects.get(pk=pk), "offers") for pk in everyone
    }
    assert reach(everyone, "offers") == {"": 1, "refused": 1, "not_asked": 1, "no_address": 1}


def test_as_many_queries_for_a_thousand_as_for_one(db, django_assert_num_queries, allows):
    everyone = [build.customer(f"N {n}", email=f"n{n}@people.example").pk for n in range(60)]
    for pk in everyone:
        build.order(Customer.objects.get(pk=pk))

    with Setting.read_once():
        Setting.get("shop.name")
        with django_assert_num_queries(7):
            found = answers(everyone, About("feedback", NOON))

    assert sum(answer.allowed for answer in found.values()) == 60


def test_every_answer_has_a_sentence_with_its_day(ana):
    sent(ana, "feedback", NOON)

    answer = may_contact(ana, "feedback", NOON + DAY)

    assert answer.sentence == "The last one was only a short time ago. Possible from 9 Apr 2026 on."
