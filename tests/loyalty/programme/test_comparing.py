"""A rehearsal in SQL says to the point what the function for one order says."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Event, Order
from loyalty.models import EarningRule, Rehearsal, RehearsedCustomer, Tier, TierScheme
from loyalty.programme import comparing, previewing, rehearsing, tiers, wording
from loyalty.programme.earning import Terms
from loyalty.programme.forms import PublishForm
from loyalty.programme.settling import worth
from shop.models import Job
from tests import build
from tests.loyalty.programme import making

YEAR = timedelta(days=365)


def anything(chance):
    """A shop of eight people with orders of every sort: lines or none, refunds, shipping, birthdays, tiers."""
    for number in range(8):
        born = date(1980, chance.randint(1, 12), chance.randint(1, 28)) if chance.random() < 0.7 else None
        person = build.customer(f"Person {number}", birthday=born if number else date(1984, 2, 29))
        for _order in range(chance.randint(1, 5)):
            lines = [
                (chance.choice(["tea", "tins", ""]), str(Decimal(chance.randint(1, 9000)) / 100))
                for _line in range(chance.randint(0, 4))
            ]
            shipping = chance.choice(["0", "4.95"])
            made = making.order(person, *lines, at=chance.randint(0, 300), shipping=shipping)
            if chance.random() < 0.4 and made.total:
                made.refund((made.total * chance.randint(1, 100) / 100).quantize(Decimal("0.01")))


@pytest.mark.parametrize("seed", range(4))
def test_sql_and_function_agree_to_the_point(db, seed):
    chance = random.Random(seed)
    scheme = making.scheme()
    bronze = scheme.steps.get(tier__name="Bronze").tier_id
    anything(chance)
    tiers.look(Order.objects.values_list("customer_id", flat=True), timezone.localdate() - timedelta(days=400))
    rule = making.rule(
        points=str(Decimal(chance.randint(1, 300)) / 100),
        per=str(Decimal(chance.randint(1, 700)) / 100),
        minimum=str(chance.choice([0, 20])),
        birthday_factor="2.5",
        first_order=chance.choice([0, 30]),
        categories={"tea": "1.75"},
        tiers={bronze: "1.5"},
    )

    ids = list(Order.objects.values_list("customer_id", flat=True).distinct())
    span = (timezone.now() - 2 * YEAR, timezone.now() + timedelta(days=1))
    found = comparing.by_order(ids, None, Terms.of(rule), *span)

    said = {order.pk: worth(order, rule).points for order in Order.objects.all()}
    assert {pk: after for pk, (_before, after) in found.items()} == said
    assert sum(row.after for row in comparing.by_customer(ids, None, Terms.of(rule), *span)) == sum(said.values())


@pytest.fixture
def draft(db):
    """Two points a pound; one is in force."""
    making.rule()
    return EarningRule.objects.create(points=2, per=1, minimum=30)


def test_a_rehearsal_says_what_it_costs_and_who_gains_and_loses(draft, ana, ben):
    build.order(ben, "20.00", at=10)

    rehearsal = rehearsing.begin(rule=draft)

    assert rehearsal.finished_at
    assert rehearsal.result == {"customers": 2, "before": 220, "after": 400, "gain": 1, "lose": 1}
    rows = RehearsedCustomer.objects.filter(rehearsal=rehearsal).values_list("customer", "difference")
    assert dict(rows) == {ana.pk: 200, ben.pk: -20}


def test_many_orders_are_rehearsed_in_the_background(draft, ana, monkeypatch, mira):
    monkeypatch.setattr(rehearsing, "AT_ONCE", 1)

    rehearsal = rehearsing.begin(rule=draft, by=mira)
    job = Job.objects.get(kind=rehearsing.KIND)
    assert not rehearsal.finished_at
    rehearsing.rehearse(job.pk)

    assert Rehearsal.objects.get().result["customers"] == 1


def test_a_rehearsal_that_is_stopped_in_the_middle_says_so_and_can_be_done_again(as_manager, draft, ana, monkeypatch):
    monkeypatch.setattr(rehearsing, "AT_ONCE", 1)
    page = reverse("loyalty:draft", args=["rule", draft.pk])
    plain = rehearsing.by_customer
    rehearsing.begin(rule=draft)
    job = Job.objects.get()

    monkeypatch.setattr(rehearsing, "by_customer", lambda *args: (job.cancel(), plain(*args))[1])
    monkeypatch.setattr(rehearsing, "_batches", lambda asked: iter([[ana.pk], [ana.pk + 1]]))
    rehearsing.rehearse(job.pk)
    stopped = as_manager.get(page).content.decode()
    monkeypatch.undo()
    as_manager.post(reverse("loyalty:draft_rehearsals", args=["rule", draft.pk]))

    job.refresh_from_db()
    assert (job.state, Rehearsal.objects.filter(finished_at=None).count()) == ("cancelled", 1)
    assert "It was stopped; nothing was changed." in stopped
    assert Rehearsal.objects.latest("pk").result["customers"] == 1


def test_tiers_are_rehearsed_in_ranks(ana, ben, db):
    making.scheme({"Bronze": 0, "Silver": 1000})
    from loyalty.models import Tier, TierScheme, TierStep

    draft = TierScheme.objects.create()
    for name, threshold in (("Bronze", 0), ("Silver", 150)):
        TierStep.objects.create(scheme=draft, tier=Tier.objects.get(name=name), threshold=threshold)
    build.order(ben, "20.00", at=10)

    result = rehearsing.begin(scheme=draft).result

    assert (result["gain"], result["lose"]) == (1, 0)
    assert result["ranks_after"] == [[1, 1], [2, 1]]


def test_the_preview_shows_three_real_customers(draft, ana, ben, cleo):
    for person, total in ((ben, "20.00"), (cleo, "500.00")):
        build.order(person, total, at=3)

    seen = previewing.of_rule(Terms(Decimal(1), Decimal(1)), Terms(Decimal(2), Decimal(1)))

    assert {one.customer for one in seen} == {ana, ben, cleo}
    assert all(one.after == 2 * one.before for one in seen)
    assert all(one.last_after == 2 * one.last_before for one in seen)


def test_a_look_at_a_rule_saves_nothing(as_manager, draft, ana):
    answer = as_manager.post(reverse("loyalty:draft_new", args=["rule"]), making.typed(look=1))

    assert "Ana Lindqvist" in answer.content.decode()
    assert EarningRule.objects.count() == 2


def test_a_rule_is_saved_as_a_draft_rehearsed_and_published_for_a_day(as_manager, draft, ana):
    sent = making.typed(save=1, category_0="tea", factor_0="2")
    page = as_manager.post(reverse("loyalty:draft_new", args=["rule"]), sent)
    made = EarningRule.objects.get(points=3)
    assert page.url == reverse("loyalty:draft", args=["rule", made.pk])
    assert [(row.category, row.factor) for row in made.categories.all()] == [("tea", 2)]

    assert as_manager.post(reverse("loyalty:draft_rehearsals", args=["rule", made.pk])).status_code == 302
    assert "Rehearse again" in as_manager.get(page.url).content.decode()
    day = timezone.localdate() + timedelta(days=3)
    as_manager.post(reverse("loyalty:draft_publication", args=["rule", made.pk]), {"day": day})

    assert EarningRule.in_force_at().points == 1
    assert EarningRule.in_force_at(timezone.now() + timedelta(days=5)).points == 3
    as_manager.post(reverse("loyalty:draft_withdrawal", args=["rule", made.pk]))
    assert EarningRule.in_force_at(timezone.now() + timedelta(days=5)).points == 1


def test_what_is_published_for_a_later_day_stands_beside_what_holds(as_manager, draft):
    scheme = TierScheme.objects.create()
    scheme.steps.create(tier=Tier.objects.create(name="Wood"), threshold=0)
    for sort, row in (("rule", draft), ("scheme", scheme)):
        day = {"day": timezone.localdate() + timedelta(days=3)}
        as_manager.post(reverse("loyalty:draft_publication", args=[sort, row.pk]), day)

    overview = as_manager.get(reverse("loyalty:programme")).content.decode()
    assert "on another rule holds" in overview
    assert "on there are other tiers" in overview
    assert reverse("loyalty:draft", args=["rule", draft.pk]) in overview
    page = as_manager.get(reverse("loyalty:draft", args=["rule", draft.pk])).content.decode()
    assert "Now it is" in page


def test_half_a_line_about_a_category_is_asked_about_and_not_left_out(as_manager, draft):
    sent = making.typed(save=1, category_0="Candles", factor_1="2", category_2="tea", factor_2="2")

    answer = as_manager.post(reverse("loyalty:draft_new", args=["rule"]), sent)

    assert answer.status_code == 422
    assert "How many times as much?" in answer.content.decode()
    assert "Of which category?" in answer.content.decode()
    assert not EarningRule.objects.filter(points=3).exists()


def test_a_rule_does_not_begin_in_the_past(as_manager, draft):
    answer = as_manager.post(
        reverse("loyalty:draft_publication", args=["rule", draft.pk]), {"day": timezone.localdate() - timedelta(days=1)}
    )

    assert answer.status_code == 422
    assert EarningRule.objects.get(pk=draft.pk).is_draft


def test_of_two_who_publish_a_draft_at_once_the_second_is_told(as_manager, draft, monkeypatch):
    valid, tomorrow = PublishForm.is_valid, timezone.now() + timedelta(days=1)

    def somebody_is_faster(form):
        EarningRule.objects.get(pk=draft.pk).publish(tomorrow)
        return valid(form)

    monkeypatch.setattr(PublishForm, "is_valid", somebody_is_faster)
    address = reverse("loyalty:draft_publication", args=["rule", draft.pk])
    page = as_manager.post(address, {"day": timezone.localdate()}, follow=True)

    assert "Somebody had done that already." in page.content.decode()
    assert EarningRule.objects.get(pk=draft.pk).since == tomorrow
    assert not Event.objects.filter(kind="programme.changed").exists()


def test_nonsense_in_a_form_is_said_beside_it(as_manager, draft):
    answer = as_manager.post(reverse("loyalty:draft_new", args=["rule"]), making.typed(save=1, per="0", points="x"))

    assert answer.status_code == 422
    assert EarningRule.objects.count() == 2


def test_tiers_are_saved_published_and_seen(as_manager, ana):
    sent = {
        "metric": "spend", "window": "rolling", "save": 1,
        "name_0": "Friend", "from_0": "0", "name_1": "Family", "from_1": "150", "benefits_1": "Free delivery",
    }  # fmt: skip
    page = as_manager.post(reverse("loyalty:draft_new", args=["scheme"]), sent)
    as_manager.post(page.url + "publication/", {"day": timezone.localdate()})

    tiers.look([ana.pk])
    overview = as_manager.get(reverse("loyalty:programme")).content.decode()
    assert "Family" in overview
    assert "Free delivery" in overview


@pytest.mark.parametrize("name", ["programme", "rewards", "challenges", "referrals"])
def test_the_pages_are_kind_when_there_is_nothing(as_manager, name):
    assert as_manager.get(reverse(f"loyalty:{name}")).status_code == 200


def test_the_list_of_a_rehearsal_goes_on_by_keyset(as_manager, draft):
    for number in range(120):
        build.order(build.customer(f"Person {number}"), "40.00", at=3)
    rehearsal = rehearsing.begin(rule=draft)

    page, seen = reverse("loyalty:rehearsal", args=[rehearsal.pk]), set()
    after = ""
    for _page in range(3):
        context = as_manager.get(f"{page}?after={after}").context
        seen |= {row.customer_id for row in context["rows"]}
        after = context["following"]

    assert (len(seen), after) == (120, "")


def test_who_loses_most_comes_first_and_goes_on_by_keyset(as_manager, draft):
    rehearsal = rehearsing.begin(rule=draft)
    for number in range(60):
        RehearsedCustomer.objects.create(
            rehearsal=rehearsal, customer=build.customer(f"Person {number}"), before=100, after=number % 7
        )

    page = reverse("loyalty:rehearsal", args=[rehearsal.pk])
    first = as_manager.get(f"{page}?who=lose").context
    second = as_manager.get(f"{page}?who=lose&after={first['following']}").context

    listed = [row.difference for row in [*first["rows"], *second["rows"]]]
    assert listed == sorted(number % 7 - 100 for number in range(60))
    assert second["following"] == ""


@pytest.mark.parametrize("place", ["--5,1", "-,1", "5", f"{'9' * 5000},1", "5,²"])
def test_a_place_that_cannot_be_read_is_the_beginning(as_manager, draft, place):
    rehearsal = rehearsing.begin(rule=draft)

    page = as_manager.get(reverse("loyalty:rehearsal", args=[rehearsal.pk]), {"after": place})

    assert page.status_code == 200


@pytest.mark.parametrize("sort", ["rule", "scheme"])
def test_a_list_of_many_changes_asks_as_often_as_one_of_two(as_manager, django_assert_max_num_queries, sort):
    made = making.scheme()
    tiers = dict.fromkeys(made.steps.values_list("tier", flat=True), 2)
    address = reverse("loyalty:dated", args=[sort])
    make = making.scheme if sort == "scheme" else lambda: making.rule(tiers=tiers, categories={"tea": 2})
    make()
    as_manager.get(address)
    with django_assert_max_num_queries(12) as of_few:
        as_manager.get(address)

    for _change in range(8):
        make()

    with django_assert_max_num_queries(len(of_few)):
        assert len(as_manager.get(address).context["rows"]) > 8


def test_goods_that_earn_nothing_are_said_to_bring_no_points(db):
    said = wording.sentences(making.rule(categories={"vouchers": "0", "tea": "2"}))

    assert "vouchers: no points." in said
    assert "tea: 2 times as much." in said
