"""How money is rounded: here, and nowhere else. Inside, money is whole minor units (cents), so that sums are exact."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import get_currency_precision


@cache
def digits(currency: str) -> int:
    """JPY 0, EUR 2, KWD 3."""
    return int(get_currency_precision(currency))


@cache
def smallest(currency: str) -> Decimal:
    """The smallest amount somebody can pay."""
    return Decimal(1).scaleb(-digits(currency))


def quantised(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(smallest(currency), ROUND_HALF_UP)


def minor(amount: Decimal, currency: str) -> int:
    """12.345 EUR is 1235 cents: half up."""
    return int(amount.scaleb(digits(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def minor_at_most(amount: Decimal, currency: str) -> int:
    """What may not be overdrawn is never rounded up."""
    return int(amount.scaleb(digits(currency)).to_integral_value(ROUND_FLOOR))


def major(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-digits(currency))


def part(whole: int, numerator: int, denominator: int) -> int:
    """whole × numerator / denominator, exact until the one rounding: half up."""
    return (2 * whole * numerator + denominator) // (2 * denominator)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder, ties in the order of the lines. The shares add up to the amount, always.

    No share is above its weight as long as the amount is not above the sum of them.
    """
    whole = sum(weights)
    if whole <= 0 or amount <= 0:
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    missing = amount - sum(shares)
    if missing:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
        for i in by_remainder[:missing]:
            shares[i] += 1
    return shares


def of_units(amount: Decimal, quantity: Decimal, before: Decimal, units: Decimal, currency: str) -> Decimal:
    """The part of a line's amount that belongs to the next units of it, after those that came back before.

    As the difference of two rounded sums: whatever the parts, together they are exactly the amount.
    """
    return _up_to(amount, before + units, quantity, currency) - _up_to(amount, before, quantity, currency)


def _up_to(amount: Decimal, units: Decimal, quantity: Decimal, currency: str) -> Decimal:
    if units >= quantity:
        return quantised(amount, currency)
    whole, thousand = minor(amount, currency), Decimal(1000)
    return major(part(whole, int(units * thousand), int(quantity * thousand)), currency)
