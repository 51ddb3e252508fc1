from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import Complaint, Customer, Event
from loyalty.discounts import approving, limits, many
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.candidates import Candidates
from loyalty.discounts.counting import count
from loyalty.discounts.forecast import forecast
from loyalty.discounts.helped import helped, smallest_seen
from loyalty.models import Assignment, Drawn, Grant
from shop.models import Job
from tests import build
from tests.loyalty.discounts import making


def run(assignment):
    many.start(assignment, by=assignment.asked_by)
    job = Job.objects.latest("pk")
    many.assign_many(job.pk)
    assignment.refresh_from_db()
    return assignment


def test_a_segment_gets_it_and_a_tenth_by_lot_does_not(mira):
    making.crowd(200)

    assignment = run(making.to_all(making.discount(), mira))

    assert (assignment.state, assignment.given, assignment.held_back) == ("done", 180, 20)
    assert Grant.objects.count() == Event.objects.filter(kind="discount.assigned").count() == 180
    held_back = Drawn.objects.filter(held_back=True).values("customer")
    assert not Grant.objects.filter(customer__in=held_back).exists()


def test_fewer_than_a_hundred_are_not_divided(mira):
    making.crowd(99)

    assert run(making.to_all(making.discount(), mira)).given == 99


def test_nobody_is_drawn_for_the_same_discount_again(mira):
    making.crowd(120)
    discount = making.discount()
    first = run(making.to_all(discount, mira))
    many.take_back(first, by=mira)
    lots = set(Drawn.objects.values_list("customer", "held_back"))

    making.crowd(100)
    second = run(making.to_all(discount, mira))

    assert (second.given, second.held_back, second.left_out) == (108 + 90, 10, {"held_back_before": 12})
    assert lots <= set(Drawn.objects.values_list("customer", "held_back"))


def test_who_has_it_complains_or_has_had_enough_is_left_out_with_the_reason(sam):
    has_it, complains, has_had_enough, _fits = making.crowd(4)
    discount = making.discount(kind="amount", amount=5)
    making.grant(has_it, discount)
    Complaint.open_for(complains, actor="", title="Late again")
    making.grant(has_had_enough, making.discount("Other"), worth=38, issued_by=sam)

    assignment = run(making.to_all(discount, sam, worth=5))

    assert assignment.left_out == {"has_it": 1, "complaint_open": 1, "customer_limit": 1}
    assert assignment.given == 1


def test_a_worker_that_died_goes_on_and_nobody_gets_it_twice(mira, monkeypatch):
    making.crowd(150)
    monkeypatch.setattr(many, "PART", 40)
    assignment = making.to_all(making.discount(), mira)

    class Died(Exception):
        pass

    def die(done, total):
        if done >= 80:
            raise Died

    with pytest.raises(Died):
        many.give(assignment, die)
    customer = Grant.objects.first().customer
    making.hold(making.basket("20.00"), Buyer.of(customer))[0].commit()
    assert many.give(assignment) == 135

    assert Grant.objects.count() == Grant.objects.values("customer").distinct().count() == 135


def test_taking_it_back_leaves_what_was_used(mira):
    making.crowd(10)
    assignment = run(making.to_all(making.discount(), mira))
    used = Grant.objects.first()
    making.hold(making.basket("20.00"), Buyer.of(used.customer))[0].commit()

    assert many.take_back(assignment, by=mira) == 9
    assert many.take_back(assignment, by=mira) == 0

    assert list(Grant.objects.filter(withdrawn_at=None)) == [used]
    assert (assignment.state, assignment.undone_by) == ("undone", mira)
    assert Event.objects.filter(kind="discount.withdrawn").count() == 9


def test_a_cancelled_job_takes_back_what_was_given(mira, monkeypatch):
    making.crowd(100)
    monkeypatch.setattr(many, "PART", 30)
    assignment = making.to_all(making.discount(), mira, held_back_percent=0)
    many.start(assignment, by=mira)
    job = Job.objects.latest("pk")
    plain = many._give_part
    monkeypatch.setattr(many, "_give_part", lambda *args: (job.cancel(), plain(*args))[1])

    many.assign_many(job.pk)

    assignment.refresh_from_db()
    assert (assignment.state, Grant.objects.there().count()) == ("stopped", 0)


def test_what_is_cancelled_in_the_queue_is_stopped_and_weighs_on_no_limit(as_manager, mira):
    making.crowd(3)
    assignment = making.to_all(making.discount(), mira, worth=5, wanted=3)
    many.start(assignment, by=mira)
    assert limits.given_by(mira, assignment.asked_at) == 15

    Job.objects.get().cancel()

    page = as_manager.get(f"/discounts/given/{assignment.pk}/").content.decode()
    assert "Stopped" in page
    assert "Being given" not in page
    assert limits.given_by(mira, assignment.asked_at) == 0


def test_what_was_given_before_an_error_can_be_taken_back(as_manager, mira):
    making.crowd(140)
    assignment = making.to_all(making.discount(), mira, held_back_percent=0)
    many.start(assignment, by=mira)
    many.give(assignment)
    Assignment.objects.update(state="running")
    Job.objects.update(state="failed")

    as_manager.post(f"/discounts/given/{assignment.pk}/undo/")

    assert not Grant.objects.filter(withdrawn_at=None).exists()
    assert Assignment.objects.get().state == "undone"


def test_who_may_no_longer_give_discounts_gives_none(mira):
    making.crowd(3)
    assignment = making.to_all(making.discount(), mira)
    mira.deactivate()

    run(assignment)

    assert (Job.objects.get().state, Grant.objects.count()) == ("failed", 0)


def looked_at(discount, by, ids, **options):
    people = Customer.objects.filter(pk__in=list(ids))
    return forecast(discount.version, people, by=by, percent=10, uses=1, expires_at=None, **options)


@pytest.mark.parametrize("limit", [None, 5, 12])
@pytest.mark.parametrize("complainers_too", [False, True])
def test_they_are_counted_as_they_are_named(mira, limit, complainers_too):
    people = making.crowd(130)
    discount, other = making.discount(), making.discount("Other", kind="amount", amount=8)
    run(making.to_all(discount, mira))
    for person in making.crowd(12)[:6]:
        making.grant(person, other)
    Grant.objects.filter(discount=other).update(issued_by=mira, worth=8)
    build.complaint(people[0])
    Grant.objects.filter(customer__in=people[:20]).update(withdrawn_at=timezone.now())
    everybody = Customer.objects.present()

    named = Candidates(discount.pk, sorted(everybody.values_list("pk", flat=True)), Decimal(4), limit, complainers_too)
    counted = count(everybody, discount.pk, worth=Decimal(4), limit=limit, complainers_too=complainers_too)

    assert (counted.picked, counted.left_out) == (named.picked, named.left_out())
    assert (counted.fit, counted.new) == (len(named.fit), len(named.never_drawn()))
    assert sorted(counted.sample) == named.fit


def test_the_forecast_says_what_it_costs_by_what_they_bought_before(mira):
    people = making.crowd(200)
    for person in people[:50]:
        build.order(person, "40.00", at=10)
    discount = making.discount(kind="amount", amount=4, budget=making.budget("1000"))

    said = looked_at(discount, mira, [person.pk for person in people])

    assert (said.picked, said.given, said.held_back, said.at_most) == (200, 180, 20, 720)
    assert (said.uses, said.expected) == (45, 180)
    assert said.expected_low < 180 < said.expected_high
    assert [(d.days, round(d.difference, 2)) for d in said.detectable] == [(30, 0.29), (60, 0.29), (90, 0.29)]


def test_what_the_budget_does_not_pay_for_is_not_expected_to_be_used(mira):
    people = making.crowd(20)
    for person in people:
        build.order(person, "40.00", at=10)
    discount = making.discount(kind="amount", amount=4, budget=making.budget("12"))

    said = looked_at(discount, mira, [person.pk for person in people])

    assert (said.uses, said.expected, said.more_than_budget) == (3, 12, True)


def test_what_is_above_the_limit_of_each_customer_can_still_be_asked_for(mira, ada):
    people = making.crowd(3)
    discount = making.discount(kind="amount", amount=200)
    everybody = [person.pk for person in people]

    said = looked_at(discount, mira, everybody)
    asked = making.to_all(discount, mira, state="pending", lapses_at=timezone.now() + timedelta(hours=1))
    approving.approve(asked, by=ada)
    many.assign_many(Job.objects.get().pk)

    assert (said.given, said.left_out, [one.limit for one in said.over]) == (3, [], ["amount", "customer"])
    assert Grant.objects.filter(customer__in=people).count() == 3


def test_lots_that_were_drawn_before_are_not_called_nobody_held_back(mira):
    making.crowd(120)
    discount = making.discount()
    many.take_back(run(making.to_all(discount, mira)), by=mira)

    said = looked_at(discount, mira, Customer.objects.values_list("pk", flat=True))

    assert (said.given, said.held_back, said.drawn_before) == (108, 0, True)


def test_the_smallest_difference_that_is_seen_shrinks_with_their_number():
    assert smallest_seen(900, 100, 0.2) == pytest.approx(0.118, abs=0.001)
    assert smallest_seen(90_000, 10_000, 0.2) == pytest.approx(0.0118, abs=0.0001)
    assert smallest_seen(10, 0, 0.2) is None
    assert smallest_seen(10, 2, 0.5) is None


@pytest.mark.parametrize(
    ("bought", "bought_held", "verdict"),
    [(60, 5, "helped"), (10, 30, "did_not"), (25, 20, "cannot_tell")],
)
def test_whether_it_helped_is_said_from_who_came_back(mira, bought, bought_held, verdict):
    discount = making.discount()
    making.drawn(discount, mira, reached=100, held_back=100, bought=bought, bought_held=bought_held)

    found = helped(discount)

    assert [window.is_over for window in found.windows] == [True, False, False]
    assert found.latest.verdict == verdict
    assert found.latest.came_back.value == pytest.approx((bought - bought_held) / 100)
    assert found.latest.revenue.value == pytest.approx(30 * (bought - bought_held) / 100)


def test_nothing_is_said_of_a_discount_without_lots(mira):
    assert helped(making.discount()) is None


def test_the_customers_are_behind_the_figures_of_giving_it_to_many(as_manager, mira):
    making.crowd(110)
    assignment = run(making.to_all(making.discount(), mira))
    used = Grant.objects.latest("pk")
    making.hold(making.basket("20.00"), Buyer.of(used.customer))[0].commit()

    def listed(who):
        seen, after = [], ""
        while after is not None:
            page = as_manager.get(f"/discounts/given/{assignment.pk}/customers/", {"who": who, "after": after}).context
            seen, after = [*seen, *page["customers"]], page["following"]
        return seen

    have, held_back = listed("have"), listed("held_back")
    assert (len(have), len(held_back), listed("used")) == (99, 11, [used.customer])
    assert not set(have) & set(held_back)
    page = as_manager.get(f"/discounts/given/{assignment.pk}/").content.decode()
    assert all(f"customers/{more}" in page for more in ('"', "?who=held_back", "?who=used"))

    many.take_back(assignment, by=mira)
    assert listed("have") == [used.customer]
    assert as_manager.get(f"/discounts/given/{assignment.pk}/").context["have"] == 1
