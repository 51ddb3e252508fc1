"""What staff type about discounts."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.forms import Day
from loyalty.discounts import wording
from loyalty.discounts.assigning import Terms
from loyalty.discounts.rounding import quantised
from loyalty.models import Budget, Discount, DiscountVersion, Source
from loyalty.points.days import FARTHEST, end_of
from shop.currency import currency_in_force
from shop.models import Setting
from shop.money_field import MoneyField

Kind, Lane = DiscountVersion.Kind, DiscountVersion.Lane
ALWAYS: dict[Any, Any] = {Kind.FREE_ITEM: Lane.ITEM, Kind.FIXED_PRICE: Lane.ITEM, Kind.FREE_SHIPPING: Lane.SHIPPING}
GOODS = ("categories", "skus", "not_categories", "not_skus")
MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 3, "min_value": Decimal(0), "required": False}


class WordsField(forms.CharField):
    """Some words with commas between them."""

    def clean(self, value: Any) -> list[str]:
        words = [" ".join(word.split())[:120] for word in super().clean(value).split(",")]
        return list(dict.fromkeys(filter(None, words)))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


def words(label: Any, help_text: Any = "") -> WordsField:
    return WordsField(label=label, required=False, max_length=2000, help_text=help_text)


class DiscountForm(forms.Form):
    """Its terms; what somebody has already keeps the old ones."""

    name = forms.CharField(
        label=pgettext_lazy("of a discount, a tier, a reward", "Name"),
        max_length=120,
        help_text=gettext_lazy("Customers see it too."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=Kind.choices, widget=forms.RadioSelect, initial="percent"
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Percent"), max_digits=6, decimal_places=3, min_value=0, max_value=100, required=False
    )
    amount = MoneyField(label=gettext_lazy("Amount, or the fixed price"), **MONEY)
    lane = forms.ChoiceField(
        label=gettext_lazy("Works on"),
        choices=Lane.choices,
        initial="order",
        required=False,
        help_text=gettext_lazy("At the till: first items, then the order, then shipping. In each the best one wins."),
    )
    minimum = MoneyField(label=gettext_lazy("On orders from"), **MONEY)
    maximum = MoneyField(label=gettext_lazy("At most off"), **MONEY)
    categories = words(gettext_lazy("Only these categories"), gettext_lazy("With commas between. Empty: everything."))
    skus = words(gettext_lazy("Only these articles"), gettext_lazy("Their numbers, with commas between."))
    not_categories = words(gettext_lazy("Not these categories"))
    not_skus = words(gettext_lazy("Not these articles"))
    exclusive = forms.BooleanField(
        label=gettext_lazy("Not together with other discounts"),
        required=False,
        help_text=gettext_lazy("The better one wins at the till; both sums are shown."),
    )
    on_return = forms.ChoiceField(
        label=gettext_lazy("When a part comes back"), choices=DiscountVersion.OnReturn.choices, initial="share"
    )
    budget = MoneyField(
        label=gettext_lazy("Budget"),
        **{**MONEY, "help_text": gettext_lazy("What all of it may cost together. Empty: no end.")},
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind: Any = said.get("kind")
        needed: Any = {Kind.PERCENT: "percent", Kind.AMOUNT: "amount", Kind.FIXED_PRICE: "amount"}.get(kind)
        if (
            needed
            and not self.has_error(needed)
            and (said.get(needed) is None or (kind != "fixed_price" and not said[needed]))
        ):
            self.add_error(needed, _("How much?"))
        said["lane"] = ALWAYS.get(kind, said.get("lane") or Lane.ORDER)
        if said.get("maximum") == 0:
            said["maximum"] = None
        return said

    def terms(self) -> dict[str, Any]:
        said, kind = self.cleaned_data, self.cleaned_data["kind"]
        rounded = {
            name: quantised(said[name], currency_in_force()) for name in ("amount", "minimum", "maximum") if said[name]
        }
        return {
            "kind": kind,
            "lane": said["lane"],
            "percent": said["percent"] if kind == Kind.PERCENT else Decimal(0),
            "amount": rounded.get("amount", Decimal(0)) if kind in (Kind.AMOUNT, Kind.FIXED_PRICE) else Decimal(0),
            "minimum": rounded.get("minimum", Decimal(0)),
            "maximum": rounded.get("maximum"),
            "exclusive": said["exclusive"],
            "on_return": said["on_return"],
            **{name: said[name] for name in GOODS},
        }

    @staticmethod
    def of(discount: Discount) -> dict[str, Any]:
        version = discount.version
        named = ("kind", "lane", "exclusive", "on_return", *GOODS)
        figures = {name: shown(getattr(version, name)) for name in ("percent", "amount", "minimum", "maximum")}
        budget = shown(discount.budget.limit) if discount.budget else None
        return {"name": discount.name, "budget": budget, **figures, **{name: getattr(version, name) for name in named}}

    def budget_for(self, discount_name: str, before: Budget | None) -> Budget | None:
        """Raises BudgetEmpty: more than that is spent already."""
        limit = self.cleaned_data["budget"]
        if limit is None:
            return None
        if before is None:
            return Budget.objects.create(name=discount_name, currency=currency_in_force(), limit=limit)
        before.change_limit(limit)
        return before


def shown(value: Decimal | None) -> str | None:
    """Without the zeros that the database keeps."""
    return None if not value else f"{value.normalize():f}"


class UntilForm(forms.Form):
    until = forms.DateField(label=gettext_lazy("Last day"), widget=Day(), required=False)

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("That day is over."))
        if day and day > FARTHEST:
            raise forms.ValidationError(_("That day is too far away."))
        return day

    @property
    def expires_at(self) -> datetime | None:
        day = self.cleaned_data.get("until")
        return end_of(day) if day else None


class GivingForm(UntilForm):
    """Which discount, until when, and why."""

    discount = forms.ModelChoiceField(Discount.objects.none(), label=gettext_lazy("Discount"), empty_label=None)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("Staff read it on the card.")
    )
    uses = forms.IntegerField(label=gettext_lazy("How often each may use it"), min_value=1, max_value=1000, initial=1)
    with_code = forms.BooleanField(
        label=gettext_lazy("With a code of its own"),
        required=False,
        initial=True,
        help_text=gettext_lazy("For the web shop. At the till the card is enough."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known: Any = self.fields["discount"]
        known.queryset = Discount.objects.can_be_assigned().prefetch_related("versions")
        known.label_from_instance = lambda one: f"{one} · {wording.gives(one.newest)}"
        self.fields["until"].initial = timezone.localdate() + timedelta(days=30)

    def terms(self) -> Terms:
        said = self.cleaned_data
        return Terms(
            reason=said["reason"],
            source=said.get("source", Source.SEGMENT),
            expires_at=self.expires_at,
            uses=said["uses"],
            with_code=said["with_code"],
        )


class GiveForm(GivingForm):
    """To one customer."""

    source = forms.ChoiceField(
        label=pgettext_lazy("of a discount", "Occasion"),
        choices=[(s.value, s.label) for s in (Source.STAFF, Source.APOLOGY, Source.WIN_BACK, Source.BIRTHDAY)],
    )
    field_order = ["discount", "source", "reason", "until", "uses", "with_code"]


class ManyForm(GivingForm):
    """To a segment."""

    hold_back = forms.BooleanField(required=False, initial=True)
    complainers_too = forms.BooleanField(label=gettext_lazy("Also those with an open complaint"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        percent = Setting.get("discounts.held_back")
        self.fields["with_code"].initial = False
        if not percent:
            del self.fields["hold_back"]
            return
        self.fields["hold_back"].label = _("Hold %(n)s%% back, to see whether it helps") % {"n": percent}
        self.fields["hold_back"].help_text = _("By lot, from 100 customers on, and never drawn again.")

    @property
    def percent(self) -> int:
        return Setting.get("discounts.held_back") if self.cleaned_data.get("hold_back") else 0


class PublicForm(UntilForm):
    """A code that everybody may use who has it."""

    uses = forms.IntegerField(label=gettext_lazy("How many uses"), min_value=1, max_value=1_000_000, initial=100)
    uses_each = forms.IntegerField(
        label=gettext_lazy("Each person"), min_value=1, max_value=1000, initial=1, required=False
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def terms(self) -> Terms:
        said = self.cleaned_data
        return Terms(
            reason=said["reason"],
            source=Source.CAMPAIGN,
            expires_at=self.expires_at,
            uses=said["uses"],
            uses_each=said["uses_each"],
            with_code=True,
        )
