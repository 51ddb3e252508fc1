"""The shop's one currency; fixed once the first order exists."""

from shop.models import Setting


def currency_in_force() -> str:
    return Setting.get("shop.currency")
