"""What the answers of this room look like (shop/api/told.py)."""

from crm.api.shapes import AT, ORDER_NAME
from loyalty.models import Checkout, Entry, Referral
from shop.api.told import Shape

DISCOUNT = Shape(
    "Discount",
    {
        "id": 4,
        "name": "Ten off",
        "gives": "10 % off",
        "conditions": ["from a purchase of €20.00"],
        "kind": "percent",
        "lane": "order",
        "percent": "10.000",
        "amount": "0.000",
        "minimum": "20.000",
        "maximum": "50.000",
        "exclusive": False,
    },
    maybe="maximum",
    choices={
        "kind": ["percent", "amount", "free_item", "free_shipping", "fixed_price"],
        "lane": ["item", "order", "shipping"],
    },
)
GRANT = Shape(
    "Grant",
    {
        "id": 9,
        "customer": 7,
        "discount": 4,
        "name": "Ten off",
        "code": "WELC-OME2-345",
        "source": "campaign",
        "starts_at": AT,
        "expires_at": AT,
        "uses": 1,
        "taken": 0,
        "waits_for_approval": False,
    },
    maybe="customer code starts_at expires_at uses",
    notes={
        "code": "Of a customer's own discount; a public code is not told.",
        "customer": "null: whoever has the code.",
        "taken": "How often it was used.",
    },
)
BALANCE = {
    "customer": 7,
    "available": 240,
    "pending": 19,
    "held": 0,
    "debt": 0,
    "worth": "2.40",
    "next_available": {"points": 19, "at": AT},
    "next_expiring": {"points": 40, "at": AT},
    "tier": {"name": "Silver", "kept_until": "2026-12-31", "next": "Gold", "to_next": "120.000"},
}
MAYBE_OF_A_BALANCE = "next_available next_expiring tier tier.name tier.kept_until tier.next tier.to_next"
POINTS = Shape(
    "Points",
    BALANCE,
    maybe=MAYBE_OF_A_BALANCE,
    notes={
        "held": "Put aside at the till.",
        "worth": "What the available points pay for.",
        "debt": "Spent, and then taken back.",
    },
)
MOVEMENT = {
    "id": 71,
    "kind": "adjust",
    "points": 50,
    "reason": "gesture",
    "at": AT,
    "order": ORDER_NAME,
    "left": 50,
    "available_at": AT,
    "expires_at": AT,
}
ENTRY = Shape(
    "Entry",
    MOVEMENT,
    maybe="order left available_at expires_at",
    choices={"kind": Entry.Kind.values},
    notes={"left": "Of points that came in: how many of them are still there."},
)
ADJUSTMENT = Shape(
    "Adjustment",
    {**MOVEMENT, **BALANCE},
    maybe=f"order left available_at expires_at {MAYBE_OF_A_BALANCE}",
    choices={"kind": Entry.Kind.values},
)
REWARD = Shape(
    "Reward",
    {
        "id": 2,
        "name": "A tin of tea",
        "text": "",
        "gives": "1 item free",
        "conditions": [""],
        "points": 200,
        "stock": 12,
        "tier": "Silver",
    },
    maybe="stock tier",
)
EXCHANGE = Shape(
    "Exchange",
    {
        "id": 5,
        "reward": 2,
        "points": 200,
        "at": AT,
        "grant": {"id": 9, "code": "WELC-OME2-345", "expires_at": AT},
        **BALANCE,
    },
    maybe=f"grant grant.code grant.expires_at {MAYBE_OF_A_BALANCE}",
)
REFERRAL = Shape(
    "Referral",
    {"id": 3, "inviter": 7, "invited": 8, "state": "joined", "why": "", "to_decide": False, "rewarded_on": AT},
    maybe="invited rewarded_on",
    choices={"state": Referral.State.values, "why": ["", *Referral.Why.values]},
    notes={"to_decide": "Something is odd about it, and staff look first."},
)
REFERRAL_CODE = Shape(
    "ReferralCode",
    {"customer": 7, "code": "d7k2pxm4", "link": "https://shop.example/?ref=d7k2pxm4"},
    maybe="link",
    notes={"link": "Into the web shop; null while its address is not set (Settings, The shop)."},
)

SUMS = {"full": "18.90", "discount": "1.89", "by_points": "0.00", "total": "17.01"}
LINES = [{"sku": "tea-50", "quantity": "2.000", **SUMS}]
APPLIED = {"grant": 9, "name": "Ten off", "amount": "1.89", "desired": "1.89", "clipped": "maximum"}
QUOTE = Shape(
    "Quote",
    {
        "currency": "EUR",
        "lines": LINES,
        "shipping": SUMS,
        "discounts": [APPLIED],
        "full": "18.90",
        "discount": "1.89",
        "total": "17.01",
        "points_used": 0,
        "paid_by_points": "0.00",
        "points_spendable": 240,
        "point_value": "0.01",
        "points_earned": 17,
        "why_not": [{"entered": "2345", "code": "unknown_code"}],
    },
    maybe="discounts[].clipped",
    free="why_not",
    notes={"total": "What is to be paid.", "why_not": "A code for everything that does not count."},
)
CHECKOUT = Shape(
    "Hold",
    {
        "hold": 12,
        "state": "held",
        "source": "shop",
        "reference": "1002",
        "expires_at": AT,
        "order": 312,
        "customer": 7,
        "currency": "EUR",
        "lines": LINES,
        "shipping": SUMS,
        "discounts": [APPLIED],
        "full": "18.90",
        "discount": "1.89",
        "total": "17.01",
        "points_used": 0,
        "paid_by_points": "0.00",
        "points_earned": 17,
    },
    maybe="order customer discounts[].clipped",
    choices={"state": Checkout.State.values},
    notes={"order": "null until it is paid, and of a passer-by."},
)
RETURN = {
    "order": 312,
    "lines": [],
    "money": "9.45",
    "pay_out": "9.45",
    "discount_taken_back": "0.00",
    "points_restored": 0,
    "points_taken": 9,
    "points_from": {"pending": 9},
    "available": 231,
    "debt": 0,
    "discounts": [],
    "tier": {"name": "Silver"},
}
FREE_OF_A_RETURN = "lines points_from discounts tier"
NOTES_OF_A_RETURN = {
    "money": "Goes off the order.",
    "pay_out": "Is given to the customer.",
    "points_from": "Which points were taken.",
}
PREVIEW = Shape("ReturnPreview", RETURN, maybe="tier", free=FREE_OF_A_RETURN, notes=NOTES_OF_A_RETURN)
TAKEN_BACK = Shape("Return", {"id": 6, **RETURN}, maybe="tier", free=FREE_OF_A_RETURN, notes=NOTES_OF_A_RETURN)
