"""Cards become one, two again, or are erased: discounts, invitations and tiers go with the person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.duplicates.merging import merge
from crm.duplicates.unmerging import unmerge
from crm.privacy.erasing import erase
from loyalty.models import Account, Grant, Redemption, Referral, Standing, TierPeriod
from loyalty.programme import referrals, tiers
from tests import build
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.programme import making
from tests.loyalty.till.making import Till, lines


@pytest.fixture
def busy(cleo, ana):
    """Cleo: a grant she has, one she used, an invitation by ana, Silver with a reason, points that are open."""
    making.rule(referral_inviter=200, referral_invited=100, return_days=14)
    making.scheme()
    referrals.join(ana, cleo)
    Referral.objects.update(contact="cleo@people.example", note="Her sister")
    grant(cleo, discount(name="Kept"), reason="She is kind")
    grant(cleo, discount(name="Used"), reason="She waited")
    Till().sell("W-1", customer={"id": cleo.pk}, lines=lines("150.00"))
    referrals.follow(cleo.orders.values_list("pk", flat=True))
    silver = making.TierStep.objects.get(tier__name="Silver").tier
    tiers.give(cleo, silver, reason="Our neighbour", until=timezone.localdate() + timedelta(days=9), actor="")
    Account.of(cleo).earn(50, reason="gift", key="g", kind="bonus")
    return cleo


def owners():
    """Whose each row is."""
    return (
        dict(Grant.objects.values_list("pk", "customer")),
        dict(Redemption.objects.values_list("pk", "customer")),
        list(Referral.objects.values_list("inviter", "invited", "state", "why")),
        sorted(TierPeriod.objects.values_list("pk", "customer", "ended_on")),
    )


def test_merged_everything_is_the_one_persons_and_apart_each_has_their_own(busy, ben):
    build.order(ben, "10.00")
    tiers.look([ben.pk])
    before, points = owners(), making.spendable(busy)

    merged = merge(ben, busy, actor="")

    assert set(Grant.objects.values_list("customer", flat=True)) == {ben.pk}
    assert set(Redemption.objects.values_list("customer", flat=True)) == {ben.pk}
    assert Referral.objects.get().invited == ben
    assert str(TierPeriod.objects.open().get(customer=ben).tier) == "Silver"
    assert making.spendable(ben) == points

    unmerge(merged, actor="")

    assert owners() == before
    assert (making.spendable(busy), making.spendable(ben)) == (points, 0)


def test_who_turns_out_to_be_the_inviter_is_not_rewarded_until_the_cards_are_taken_apart(busy, ana):
    merged = merge(ana, busy, actor="")
    assert Referral.objects.get().why == "self"

    unmerge(merged, actor="")

    referral = Referral.objects.get()
    assert (referral.state, referral.inviter, referral.invited) == ("ordered", ana, busy)
    assert referrals.reward_due(timezone.now() + timedelta(days=15)) == 1


def test_erased_nobody_is_named_and_every_sum_stays(busy, ana):
    used = Redemption.objects.get(state="committed")
    amount, posted = used.amount, making.entries(busy)

    erase(busy, why="asked")

    used.refresh_from_db()
    assert (used.amount, used.marks, used.state) == (amount, [], "committed")
    assert set(Grant.objects.values_list("reason", flat=True)) == {""}
    assert not Grant.objects.filter(withdrawn_at=None).exists()
    assert list(Referral.objects.values_list("contact", "note")) == [("", "")]
    assert set(TierPeriod.objects.exclude(reason="").values_list("reason", flat=True)) == {"–"}
    assert not Standing.objects.filter(customer=busy).exists()
    assert making.entries(busy)[: len(posted)] == posted
    assert sum(making.entries(busy)) == 0
    assert referrals.reward_due(timezone.now() + timedelta(days=15)) == 0, "one side is nobody any more"
