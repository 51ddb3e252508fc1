"""What an order earns: a function of lines, a rule and facts, without a database.

Values are summed exactly and floored once an order. The exact value and the rule are kept beside the points.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any


@dataclass(frozen=True)
class Part:
    """One line, or what is kept of it: its category, and what was paid for it after discounts and points."""

    category: str
    value: Decimal | Fraction


@dataclass(frozen=True)
class Facts:
    """What is true of the customer on the day of the order."""

    tier: int | None = None
    first_order: bool = False
    birthday: bool = False


@dataclass(frozen=True)
class Terms:
    """A rule, as far as orders are concerned."""

    points: Decimal
    per: Decimal
    minimum: Decimal = Decimal(0)
    first_order: int = 0
    birthday_factor: Decimal = Decimal(1)
    birthday_days: int = 7
    categories: Mapping[str, Decimal] = field(default_factory=dict)
    tiers: Mapping[int, Decimal] = field(default_factory=dict)
    rule: int | None = None

    @classmethod
    def of(cls, rule: Any) -> "Terms":
        return cls(
            points=rule.points,
            per=rule.per,
            minimum=rule.minimum,
            first_order=rule.first_order,
            birthday_factor=rule.birthday_factor,
            birthday_days=rule.birthday_days,
            categories={row.category: row.factor for row in rule.categories.all()},
            tiers={row.tier_id: row.factor for row in rule.tiers.all()},
            rule=rule.pk,
        )


@dataclass(frozen=True)
class Earned:
    """`exact`: before it was floored. `snapshot`: how it came about, for the entry."""

    points: int
    exact: Fraction
    snapshot: dict[str, Any]


def points_for(parts: Iterable[Part], terms: Terms, facts: Facts) -> Earned:
    """Nothing kept, or less than the smallest order, earns nothing: then there is no bonus either."""
    parts = list(parts)
    goods = sum((Fraction(part.value) for part in parts), Fraction(0))
    exact = Fraction(0)
    if goods > 0 and goods >= Fraction(terms.minimum):
        weighed = sum((Fraction(part.value) * _factor(terms.categories, part.category) for part in parts), Fraction(0))
        exact = weighed * _of_customer(terms, facts) * Fraction(terms.points) / Fraction(terms.per)
        exact += terms.first_order if facts.first_order else 0
    return Earned(floor(exact), exact, _snapshot(terms, facts, goods, exact))


def keep(parts: Iterable[Part], kept: Decimal | Fraction) -> list[Part]:
    """The same lines when only so much of their value is kept: each in proportion, exactly."""
    parts = list(parts)
    goods = sum((Fraction(part.value) for part in parts), Fraction(0))
    share = min(max(Fraction(kept), Fraction(0)) / goods, Fraction(1)) if goods else Fraction(0)
    return [Part(part.category, Fraction(part.value) * share) for part in parts]


def _factor(factors: Mapping[Any, Decimal], key: Any) -> Fraction:
    return Fraction(factors.get(key, 1))


def _of_customer(terms: Terms, facts: Facts) -> Fraction:
    return _factor(terms.tiers, facts.tier) * (Fraction(terms.birthday_factor) if facts.birthday else 1)


def _snapshot(terms: Terms, facts: Facts, goods: Fraction, exact: Fraction) -> dict[str, Any]:
    return {
        "rule": terms.rule,
        "points": written(terms.points),
        "per": written(terms.per),
        "goods": written(goods),
        "exact": written(exact),
        "facts": asdict(facts),
        "tier_factor": written(_factor(terms.tiers, facts.tier)),
        "birthday_factor": written(terms.birthday_factor) if facts.birthday else "1",
        "first_order": terms.first_order if facts.first_order else 0,
        "categories": {name: written(factor) for name, factor in terms.categories.items()},
    }


def written(value: Decimal | Fraction | int) -> str:
    """49.99, or 100/3 where no decimal is exact."""
    exact = Fraction(value)
    rest = exact.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return str(exact)
    digits = max(twos, fives)
    whole = exact.numerator * 10**digits // exact.denominator
    return str(Decimal(whole).scaleb(-digits)) if digits else str(whole)
