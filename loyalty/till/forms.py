"""What staff type at the till: whose basket, lines, points, codes; and what of an order comes back."""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Customer
from crm.models.imports import SOURCE
from loyalty.till.asked import Asked, Item
from shop.currency import currency_in_force

MOST_LINES = 100
COLUMNS = ("sku", "category", "quantity", "unit_price")


class NumberField(forms.DecimalField):
    """12.50 or 12,50, as it is written where the shop is."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_digits": 15, "decimal_places": 3, "required": False, **options})
        self.widget.attrs["inputmode"] = "decimal"

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).replace(",", ".").replace("\xa0", "").replace(" ", "") if value else value)


class AmountField(NumberField):
    """With no more places than the currency has."""

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        if amount is not None and amount != round(amount, get_currency_precision(currency_in_force())):
            raise forms.ValidationError(_("More places than the currency has."))
        return amount


class LineForm(forms.Form):
    sku = forms.CharField(label=_("Article"), max_length=64, required=False)
    category = forms.CharField(label=_("Category"), max_length=120, required=False)
    quantity = NumberField(label=_("Quantity"), max_digits=12, initial=1)
    unit_price = AmountField(label=_("Price of one"), required=True)

    def clean_quantity(self) -> Decimal:
        quantity = self.cleaned_data["quantity"]
        quantity = Decimal(1) if quantity is None else quantity
        if not quantity:
            raise forms.ValidationError(_("At least one, or a part of one."))
        return quantity

    def item(self) -> Item:
        told = self.cleaned_data
        return Item(told["sku"], told["category"], told["quantity"], told["unit_price"], name=told["sku"])


class BasketForm(forms.Form):
    who = forms.CharField(
        label=pgettext_lazy("at the till", "Customer"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=_("Scan their code, or type a card number, an e-mail, a phone or a name. Empty: without a card."),
    )
    customer = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    chosen_for = forms.CharField(required=False, max_length=254)  # what stood in `who` when they were chosen
    shipping = AmountField(label=_("Shipping"))
    use_points = forms.IntegerField(
        label=_("Points to pay with"),
        required=False,
        min_value=0,
        max_value=10**12,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    codes = forms.CharField(
        label=_("Codes"), max_length=300, required=False, help_text=_("Several with a space between.")
    )
    reference = forms.CharField(label=_("Number of the order"), max_length=64)
    total = AmountField(widget=forms.HiddenInput)

    def asked(self, lines: list[LineForm], customer: Customer | None) -> Asked:
        told = self.cleaned_data
        return Asked(
            items=tuple(line.item() for line in lines),
            source=SOURCE,
            reference=told["reference"],
            customer=customer,
            shipping=told["shipping"] or Decimal(0),
            points=told["use_points"] or 0,
            codes=tuple(told["codes"].replace(",", " ").split()[:10]),
        )


def lines_of(data: QueryDict) -> list[LineForm]:
    """Rows in which something was typed."""
    columns = [data.getlist(name)[:MOST_LINES] for name in COLUMNS]
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=False)]
    return [LineForm(row) for row in rows if row["sku"] or row["category"] or row["unit_price"]]


class BackForm(forms.Form):
    """How many units of each line of an order come back; `line-3` is position 3."""

    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, sold: list[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sold = sold
        for row in sold:
            field = forms.BooleanField(required=False) if row.position == 0 else NumberField(max_value=row.left)
            self.fields[f"line-{row.position}"] = field

    def units(self) -> dict[int, Decimal]:
        given = {row.position: self.cleaned_data.get(f"line-{row.position}") for row in self.sold}
        return {position: Decimal(units) for position, units in given.items() if units}
