"""Referrals: invited, joined, first paid order, return window over, rewarded on both sides; or rejected, and why."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import salted_hmac

from crm.models import Customer, Event, Identifier, Order
from loyalty.models import EarningRule, Referral, ReferralCode
from loyalty.points.days import local_day, zone
from loyalty.programme.settling import bonus
from shop.asking import ask
from shop.models import Setting

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is mistaken for another
MANY, WITHIN = 5, timedelta(days=30)
State, Why = Referral.State, Referral.Why


class CannotRefer(Exception):
    """`why`: unknown_code, known (a customer already), self or referred (by somebody before)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def code_of(customer: Customer) -> str:
    """The code of a customer; made when it is first asked for."""
    found = ReferralCode.objects.filter(customer=customer).first()
    codes = _codes(customer)
    while found is None:
        try:
            with transaction.atomic():
                found = ReferralCode.objects.get_or_create(customer=customer, defaults={"code": next(codes)})[0]
        except IntegrityError:
            continue  # somebody has this code already
    return found.code


def code_to_be(customer: Customer) -> str:
    """What `code_of` gives them; for a page that is shown before, and must write nothing."""
    own = ReferralCode.objects.filter(customer=customer).first()
    return own.code if own else next(one for one in _codes(customer) if not _is_taken(one))


def _is_taken(code: str) -> bool:
    return ReferralCode.objects.filter(code=code).exists()


def _codes(customer: Customer) -> Iterator[str]:
    """The same ones each time, which nobody can guess who does not know the key of the shop."""
    for number in count():
        digest = salted_hmac("referral code", f"{customer.pk}:{number}", algorithm="sha256").digest()
        yield "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:8])


def link_of(code: str) -> str:
    """Into the web shop, which hands the code on when somebody new buys there; empty while its address is not set."""
    address = str(Setting.get("shop.web_address"))
    if not address or "{code}" in address:
        return address.replace("{code}", code)
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode({"ref": code})]))
    return parts._replace(path=parts.path or "/", query=query).geturl()


def owner_of(code: str) -> Customer:
    found = ReferralCode.objects.filter(code=code.strip().lower()).select_related("customer").first()
    if found is None:
        raise CannotRefer("unknown_code")
    return found.customer


@transaction.atomic
def invite(inviter: Customer, kind: str, contact: str) -> Referral:
    """`contact`: the e-mail or phone of somebody. Raises CannotRefer for a customer, or for oneself."""
    inviter = inviter.held()
    normalised = Identifier.normalise(kind, contact)
    owner = Identifier.objects.filter(kind=kind, normalised=normalised).first()
    if owner:
        raise CannotRefer("self" if owner.customer_id == inviter.pk else "known")
    open_ = Referral.objects.filter(inviter=inviter, contact=normalised, state=State.INVITED).first()
    return open_ or Referral.objects.create(inviter=inviter, contact=normalised, flags=_many(inviter))


@transaction.atomic
def join(inviter: Customer, invited: Customer, at: datetime | None = None, *, actor: str = "") -> Referral:
    """Somebody new came with the code of a customer. Raises CannotRefer."""
    inviter, invited = _both(inviter, invited)
    if inviter.pk == invited.pk or _shared(inviter, invited):
        raise CannotRefer("self")
    if Order.objects.filter(customer=invited, net__gt=0).exists():
        raise CannotRefer("known")
    if Referral.objects.filter(invited=invited).exclude(state=State.REJECTED).exists():
        raise CannotRefer("referred")
    flags = [*_many(inviter), *(["address"] if _same_address(inviter, invited) else [])]
    contacts = list(Identifier.objects.filter(customer=invited).values_list("normalised", flat=True))
    known = Referral.objects.filter(inviter=inviter, state=State.INVITED, contact__in=contacts).order_by("pk").first()
    referral = known or Referral(inviter=inviter)
    referral.invited, referral.state, referral.joined_at = invited, State.JOINED, at or timezone.now()
    referral.flags, referral.contact = sorted(set(referral.flags) | set(flags)), ""
    referral.save()
    Event.record("referral.joined", customer=inviter, subject=referral, actor=actor, referral=referral.pk)
    return referral


def _both(inviter: Customer, invited: Customer) -> tuple[Customer, Customer]:
    held = {card.pk: card.held() for card in sorted((inviter, invited), key=lambda card: card.pk)}
    return held[inviter.pk], held[invited.pk]


def _shared(one: Customer, other: Customer) -> bool:
    """An e-mail or a phone of both, as they are normalised: the same person with two cards."""
    known = Identifier.objects.filter(kind__in=["email", "phone"])
    mine = known.filter(customer=one).values_list("normalised", flat=True)
    return known.filter(customer=other, normalised__in=list(mine)).exists()


def _same_address(one: Customer, other: Customer) -> bool:
    def address(card: Customer) -> tuple[str, ...]:
        return tuple(" ".join(value.casefold().split()) for value in (card.street, card.postcode, card.city))

    return bool(one.street) and address(one) == address(other)


def _many(inviter: Customer) -> list[str]:
    recent = Referral.objects.filter(inviter=inviter, invited_at__gt=timezone.now() - WITHIN)
    return ["many"] if recent.count() >= MANY else []


def follow(orders: Iterable[int]) -> None:
    """What orders mean for referrals: the first paid one moves it on, money that goes back holds it up."""
    invited = Referral.objects.under_way().filter(invited=OuterRef("customer_id"))
    found = Order.objects.filter(Exists(invited), pk__in=list(orders)).select_related("customer")
    for order in found.order_by("customer_id", "pk"):
        with transaction.atomic():
            open_ = Referral.objects.under_way().filter(invited=order.customer_id).order_by("pk")
            for referral in open_.select_for_update(no_key=True):
                _follow(referral, order)


def _follow(referral: Referral, order: Order) -> None:
    rule = EarningRule.in_force_at(order.placed_at)
    if referral.state == State.JOINED and rule and order.paid_at and not order.cancelled_at and order.net:
        referral.state, referral.order, referral.ordered_at = State.ORDERED, order, order.paid_at
        referral.due_at = order.paid_at + timedelta(days=rule.return_days)
        if order.net < rule.referral_minimum:
            reject(referral, Why.TOO_SMALL)
            return
    elif referral.order_id == order.pk and order.net < order.total:
        if not order.net:
            reject(referral, Why.RETURNED)
            return
        referral.flags = sorted({*referral.flags, "refund"})
    else:
        return
    referral.save()


def reward_due(now: datetime | None = None) -> int:
    """Those whose return window is over. Two workers never take the same."""
    now, rewarded = now or timezone.now(), 0
    for pk in list(Referral.objects.due(now).order_by("pk").values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            found = Referral.objects.due(now).filter(pk=pk).select_related("inviter", "invited", "order").first()
            rewarded += bool(found and _reward(found, now))
    return rewarded


def _reward(referral: Referral, now: datetime) -> bool:
    """Customers are held before the row, so that a merge under way is waited for, not run into."""
    assert referral.invited
    inviter, invited = _both(referral.inviter, referral.invited)
    take_turn(inviter)
    referral = Referral.objects.select_for_update(no_key=True, of=("self",)).select_related("order").get(pk=referral.pk)
    if referral.state != State.ORDERED:
        return False
    rule = EarningRule.in_force_at(referral.invited_at) or EarningRule.in_force_at(now)
    if rule is None or referral.order is None or not referral.order.net or inviter.erased_at or invited.erased_at:
        return reject(referral, Why.RETURNED)
    if _in_month(inviter, now) >= rule.referral_per_month:
        return reject(referral, Why.CAP)
    referral.state, referral.ended_at = State.REWARDED, now
    referral.save(update_fields=["state", "ended_at"])
    given = {
        "inviter": bonus(inviter, rule.referral_inviter, reason="referral", key=f"referral:{referral.pk}", at=now),
        "invited": bonus(invited, rule.referral_invited, reason="invited", key=f"invited:{referral.pk}", at=now),
    }
    points: dict[str, Any] = {side: entry.points if entry else 0 for side, entry in given.items()}
    Event.record("referral.rewarded", customer=inviter, subject=referral, at=now, referral=referral.pk, **points)
    return True


def take_turn(inviter: Customer) -> None:
    """Two workers who reward one inviter count one after the other what the month still allows."""
    ask("SELECT pg_advisory_xact_lock(hashtextextended(%s, 10))", [f"referrals\n{inviter.pk}"])


def _in_month(inviter: Customer, now: datetime) -> int:
    first = local_day(now).replace(day=1)
    begins = datetime(first.year, first.month, 1, tzinfo=zone())
    return Referral.objects.filter(inviter=inviter, state=State.REWARDED, ended_at__gte=begins).count()


def reject(referral: Referral, why: str, *, actor: str = "", note: str = "") -> bool:
    """Always False: it was not rewarded."""
    referral.state, referral.why, referral.ended_at, referral.note = State.REJECTED, why, timezone.now(), note
    referral.save()
    about: dict[str, Any] = {"customer_id": referral.inviter_id, "subject": referral, "actor": actor}
    Event.record("referral.rejected", **about, referral=referral.pk, why=str(why))
    return False


@transaction.atomic
def decide(referral: Referral, *, allow: bool, actor: str, note: str = "") -> bool:
    """A person has looked at what is odd about it. False: it was over before."""
    found = Referral.objects.under_way().select_for_update(no_key=True).filter(pk=referral.pk).first()
    if found is None:
        return False
    found.decided_at, found.decided_by, found.note = timezone.now(), actor, note
    if allow:
        found.save()
    else:
        reject(found, Why.STAFF, actor=actor, note=note)
    return True
