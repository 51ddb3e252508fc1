"""What staff gave for a complaint: points and discounts of the ledgers, named on its page."""

import pytest
from django.urls import reverse

from config.gifts import GIFTS
from crm.complaints import giving
from crm.models import Given
from loyalty.discounts.assigning import Terms, give
from loyalty.models import Account, Adjustment
from shop.models import Setting
from tests import build
from tests.loyalty.discounts import making

pytestmark = pytest.mark.django_db


def gesture(customer, points, by):
    return Adjustment.ask(Account.of(customer), points, reason="complaint", note="", by=by, key=f"g{points}").entry


def gift_keys(complaint):
    return {gift.key for gift in giving.to_name(complaint)}


@pytest.mark.parametrize("what", GIFTS)
def test_every_sort_in_the_table_can_be_asked(what, ana):
    assert giving.gifts(what, customer=ana.pk) == []


def test_points_and_a_discount_from_staff_can_be_named_for_a_complaint(as_manager, ana, mira):
    Setting.put("till.point_value", "0.01")
    complaint, entry = build.complaint(ana), gesture(ana, 150, mira)
    grant = give(making.discount("Sorry"), ana, Terms(), by=mira).grants.get()
    url = reverse("crm:complaint_given", args=[complaint.pk])

    for key in (f"points:{entry.pk}", f"discount:{grant.pk}"):
        assert as_manager.post(url, {"gift": key}).status_code == 302

    page = as_manager.get(complaint.get_absolute_url()).content.decode()
    assert "150 points" in page
    assert "After a complaint" in page
    assert "10% off the order" in page
    assert [str(row.amount) for row in complaint.given.order_by("pk")] == ["1.500", str(grant.worth)]
    assert gift_keys(complaint) == set()


def test_what_is_named_once_is_named_for_no_other_complaint(as_manager, ana, mira):
    first, second, entry = build.complaint(ana), build.complaint(ana), gesture(ana, 10, mira)

    for complaint in (first, second):
        as_manager.post(reverse("crm:complaint_given", args=[complaint.pk]), {"gift": f"points:{entry.pk}"})

    assert Given.objects.get().complaint == first
    assert gift_keys(second) == set()
    as_manager.post(reverse("crm:complaint_given_removal", args=[first.pk, Given.objects.get().pk]))
    assert gift_keys(second) == {f"points:{entry.pk}"}


def test_neither_points_of_others_nor_what_was_earned_or_taken_can_be_named(as_manager, ana, ben, mira):
    complaint, foreign = build.complaint(ana), gesture(ben, 10, mira)
    gesture(ana, 20, mira)
    taken = Adjustment.ask(Account.of(ana), -5, reason="mistake", note="", by=mira, key="m").entry

    for key in (f"points:{foreign.pk}", f"points:{taken.pk}", "points:", "points:x", "orders:1", "points:1e9", ""):
        url = reverse("crm:complaint_given", args=[complaint.pk])
        assert as_manager.post(url, {"gift": key}).status_code == 404

    assert not Given.objects.exists()
