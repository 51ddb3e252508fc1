"""The pages of points, tiers and discounts, with data on them, are open to everybody: two languages, both themes."""

from urllib.parse import urljoin

import pytest
from django.db import transaction
from django.utils import timezone

from crm.models import Order
from loyalty.demo import discounts, programme
from loyalty.models import Assignment, Challenge, EarningRule, Grant, Reward
from tests.e2e.demo import demo_shop, piece_of_the_orders
from tests.e2e.test_pages_for_everybody import LOOKS, faults_of
from tests.loyalty.till.making import Till, lines

__all__ = ["demo_shop", "piece_of_the_orders"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.browser_context_args(bypass_csp=True)  # the checker writes inline styles of its own
def test_no_page_of_points_or_discounts_has_a_serious_fault_of_access(demo_shop, ada, mira, sam, staff_page, page):
    with transaction.atomic():
        for room in (programme, discounts):
            room.tell({"mira": mira, "sam": sam}, timezone.localdate())
    paths, faults = pages(), {}

    for language, (width, scheme) in LOOKS.items():
        ada.language = language
        ada.save(update_fields=["language"])
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        staff_page(ada, "/profile/", width=width, height=900)
        for path in paths:
            page.goto(urljoin(page.url, path))
            if found := faults_of(page):
                faults[path, language] = found

    assert faults == {}


def pages():
    order = Order.objects.filter(refunded=0).latest("placed_at")
    held = Till().hold(customer={"id": order.customer_id}, lines=lines("2x30.00")).json()["hold"]
    card = f"/customers/{order.customer_id}/"
    many = Assignment.objects.filter(whom="many").latest("pk")
    given = f"/discounts/given/{many.pk}/"
    one = many.version.discount.get_absolute_url()
    return [
        *("/till/", f"/till/holds/{held}/", f"/orders/{order.pk}/return/", f"{card}returns/"),
        *("/discounts/", "/discounts/new/", one, f"{one}uses/", f"{one}terms/", given, f"{given}customers/"),
        *("/discounts/many/?question=orders%3D2..&all=1", f"{card}discounts/new/"),
        *(f"/discounts/grants/{Grant.objects.exclude(code=None).first().pk}/", f"{card}points/", f"{card}points/new/"),
        *("/loyalty/", "/loyalty/rewards/", f"/loyalty/rewards/{Reward.objects.first().pk}/", "/loyalty/referrals/"),
        *("/loyalty/challenges/", f"/loyalty/challenges/{Challenge.objects.first().pk}/", "/loyalty/imported/"),
        *("/loyalty/changes/rule/", f"/loyalty/changes/rule/{EarningRule.objects.drafts().first().pk}/"),
        *("/loyalty/changes/rule/new/", "/loyalty/changes/scheme/new/", "/points/", "/points/movements/"),
        *(f"{card}referral/", f"{card}card-code/", f"{card}tier/", "/settings/discounts/", "/settings/till/"),
    ]
