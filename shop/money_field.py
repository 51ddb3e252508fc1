"""A sum that somebody types, with the currency of the shop behind it."""

from django import forms

from shop.currency import currency_in_force


class MoneyField(forms.DecimalField):
    @property
    def unit(self) -> str:
        """What stands behind the input."""
        return currency_in_force()
