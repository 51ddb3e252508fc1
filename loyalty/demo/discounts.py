"""Discounts of the demo shop: given to regulars by lot, to one by hand, by a code; some of it used at real orders."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from crm.complaints import giving
from crm.models import Complaint, Customer
from loyalty.discounts.assigning import Terms, give, give_to_everybody
from loyalty.models import Account, Assignment, Budget, Discount, Source

# (name, terms, budget)
DISCOUNTS: list[tuple[str, dict[str, Any], str]] = [
    ("Thank you for being a regular", {"kind": "percent", "lane": "order", "percent": 10, "minimum": 20, "maximum": 15}, "9000"),
    ("Come back soon", {"kind": "amount", "lane": "order", "amount": 8, "minimum": 40}, "6000"),
    ("Sorry about that", {"kind": "amount", "lane": "order", "amount": 5}, ""),
    ("Free delivery in December", {"kind": "free_shipping", "lane": "shipping", "minimum": 30, "maximum": 6}, "1500"),
    ("Stall at the spring fair", {"kind": "percent", "lane": "order", "percent": 50, "exclusive": True}, ""),
]  # fmt: skip

# Among whom it was given: (discount, days ago, lasts, least orders, share of those who bought since among the held back)
SEGMENTS = [("Thank you for being a regular", 96, 60, 2, 9), ("Come back soon", 44, 30, 1, 10)]
SORRY = [(1, "Two lanterns arrived with cracked glass"), (6, "The invoice went to the old address"), (14, "Waited for the catalogue")]  # fmt: skip

# By lot, told by the number of the card so that every demo shop is the same; of those who bought a little fewer are
# held back, so that there is something to see.
_DRAW = """
    INSERT INTO loyalty_drawn (discount_id, assignment_id, customer_id, held_back, at)
    SELECT %(discount)s, %(assignment)s, c.id,
           (c.id * 7919) %% 100 < CASE WHEN EXISTS (
               SELECT FROM crm_order o WHERE o.customer_id = c.id AND o.placed_at >= %(at)s AND o.paid_at IS NOT NULL)
               THEN %(share)s ELSE 12 END,
           %(at)s
      FROM crm_customer AS c
     WHERE c.merged_into_id IS NULL AND c.erased_at IS NULL
       AND (SELECT count(*) FROM crm_order o WHERE o.customer_id = c.id AND o.placed_at < %(at)s) >= %(orders)s
     ORDER BY c.id
"""

_GRANT = """
    INSERT INTO loyalty_grant (discount_id, version_id, assignment_id, customer_id, source, reason, issued_by_id,
                               created_at, expires_at, uses, taken, worth, budget_id)
    SELECT d.discount_id, a.version_id, a.id, d.customer_id, a.source, a.reason, a.asked_by_id,
           d.at, a.expires_at, 1, 0, a.worth, x.budget_id
      FROM loyalty_drawn d JOIN loyalty_assignment a ON a.id = d.assignment_id
      JOIN loyalty_discount x ON x.id = d.discount_id
     WHERE a.id = %(assignment)s AND NOT d.held_back ORDER BY d.customer_id
"""

# Every third who bought while it lasted used it, at the first order that was large enough.
_USE = """
    WITH first AS (
        SELECT DISTINCT ON (g.id) g.id AS grant_id, g.version_id, g.budget_id, g.customer_id, o.id AS order_id,
               o.reference, o.placed_at, v.lane, round(CASE v.kind WHEN 'percent'
                   THEN least(o.total * v.percent / 100, coalesce(v.maximum, o.total)) ELSE v.amount END, 2) AS amount
          FROM loyalty_grant g JOIN loyalty_discountversion v ON v.id = g.version_id
          JOIN crm_order o ON o.customer_id = g.customer_id AND o.placed_at >= g.created_at
               AND o.placed_at < g.expires_at AND o.total >= greatest(v.minimum, v.amount + 1)
               AND o.refunded = 0 AND o.cancelled_at IS NULL AND o.paid_at IS NOT NULL
         WHERE g.assignment_id = %(assignment)s AND g.id %% 3 = 0
         ORDER BY g.id, o.placed_at, o.id),
    used AS (
        INSERT INTO loyalty_redemption (grant_id, version_id, budget_id, customer_id, marks, order_id, source, reference,
                                        key, state, lane, desired, amount, clipped, given_back, held_at, expires_at,
                                        committed_at)
        SELECT grant_id, version_id, budget_id, customer_id, '{}', order_id, 'till', reference, 'demo:' || grant_id,
               'committed', lane, amount, amount, '', 0, placed_at, placed_at + interval '30 minutes', placed_at
          FROM first ORDER BY placed_at, grant_id
        RETURNING grant_id, customer_id, order_id, amount, reference, committed_at),
    taken AS (UPDATE loyalty_grant g SET taken = 1 FROM used WHERE g.id = used.grant_id RETURNING g.budget_id, used.amount),
    told AS (
        INSERT INTO crm_event (kind, at, recorded_at, customer_id, order_id, actor, subject_type, subject_id, data)
        SELECT 'discount.redeemed', committed_at, committed_at, customer_id, order_id, '', 'loyalty.grant', grant_id,
               jsonb_build_object('discount', %(name)s::text, 'amount', amount::text, 'reference', reference)
          FROM used)
    UPDATE loyalty_budget b SET spent = s.sum
      FROM (SELECT budget_id, sum(amount) FROM taken GROUP BY 1) AS s WHERE b.id = s.budget_id
"""


def tell(staff: dict[str, Any], today: date) -> None:
    """Call it inside a transaction."""
    made = {name: _made(name, terms, budget, staff["mira"]) for name, terms, budget in DISCOUNTS}
    for name, days_ago, lasts, orders, share in SEGMENTS:
        _to_segment(made[name], staff["mira"], days_ago, lasts, orders, share)
    best = list(
        Customer.objects.annotate(spent=Sum("orders__net")).order_by(F("spent").desc(nulls_last=True), "pk")[:40]
    )
    in_a_month = timezone.now() + timedelta(days=30)
    for rank, reason in SORRY:
        sorry = Terms(reason=reason, source=Source.APOLOGY, expires_at=in_a_month, with_code=True)
        give(made["Sorry about that"], best[rank], sorry, by=staff["sam"])
        _made_up_for(best[rank], staff["sam"])
    _points_for_the_trouble(staff)
    december = Terms(
        reason="On the Christmas card", source=Source.CAMPAIGN, expires_at=in_a_month, uses=200, uses_each=1
    )
    give_to_everybody(made["Free delivery in December"], december, by=staff["mira"])
    half = Terms(reason="The stall broke down and they lost a day", source=Source.APOLOGY, expires_at=in_a_month)
    give(made["Stall at the spring fair"], best[3], half, by=staff["sam"])


def _made_up_for(customer: Customer, by: Any) -> None:
    """The page of their newest complaint names what they got for it."""
    complaint = Complaint.objects.filter(customer=customer).order_by("-opened_at", "-pk").first()
    if complaint:
        for gift in giving.to_name(complaint)[:1]:
            giving.name(complaint, gift, by)


def _points_for_the_trouble(staff: dict[str, Any]) -> None:
    """Of the complaints that were solved last, some customers got points."""
    solved = Complaint.objects.filter(solved_at__isnull=False).order_by("-solved_at", "-pk")
    for complaint, points in zip(solved[:4], (200, 100, 300, 150), strict=False):
        account = Account.of(complaint.customer)
        actor, key = staff["sam"].actor, f"demo:complaint:{complaint.pk}"
        account.adjust(points, reason="complaint", note=complaint.title, actor=actor, key=key)
        _made_up_for(complaint.customer, staff["sam"])


def _made(name: str, terms: dict[str, Any], limit: str, by: Any) -> Discount:
    budget = Budget.objects.create(name=name, currency="GBP", limit=Decimal(limit)) if limit else None
    return Discount.make(name, by=by, budget=budget, **terms)


def _to_segment(discount: Discount, by: Any, days_ago: int, lasts: int, orders: int, share: int) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    assignment = Assignment.objects.create(
        version=discount.version,
        whom=Assignment.Whom.MANY,
        source=Source.SEGMENT,
        reason="Whoever bought more than once" if orders > 1 else "Before the winter",
        expires_at=at + timedelta(days=lasts),
        uses=1,
        held_back_percent=10,
        worth=Decimal(8),
        asked_by=by,
        asked_at=at,
        drawn_at=at,
    )
    values: dict[str, Any] = {
        "discount": discount.pk,
        "assignment": assignment.pk,
        "at": at,
        "orders": orders,
        "share": share,
        "name": discount.name,
    }
    with connection.cursor() as cursor:
        for statement in (_DRAW, _GRANT, _USE):
            cursor.execute(statement, values)
    given, held_back = assignment.grants.count(), assignment.drawn.filter(held_back=True).count()
    Assignment.objects.filter(pk=assignment.pk).update(given=given, held_back=held_back, wanted=given + held_back)
