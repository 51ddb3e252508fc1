"""What a shop owner fills in about the programme. Fields stand in sentences, so each names itself to screen readers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.models import (
    Badge,
    CategoryFactor,
    Challenge,
    EarningRule,
    Reward,
    Tier,
    TierFactor,
    TierScheme,
    TierStep,
)
from loyalty.points.days import FARTHEST
from loyalty.programme.earning import Terms
from shop.currency import currency_in_force
from shop.money_field import MoneyField

ROWS = 4  # lines for categories, and for tiers

LABELS = {
    "points": _("Points"),
    "per": _("For every … paid"),
    "minimum": _("Smallest order that earns"),
    "first_order": _("Points for the first order"),
    "birthday_factor": _("Around the birthday, times as much"),
    "birthday_gift": _("Points for the birthday"),
    "birthday_days": _("Days before and after the birthday"),
    "profile": _("Points for a complete card"),
    "survey": _("Points for an answered survey"),
    "referral_inviter": _("Points for who invites"),
    "referral_invited": _("Points for who is invited"),
    "referral_minimum": _("Smallest first order of who is invited"),
    "referral_per_month": _("Rewarded invitations a month"),
    "return_days": _("Days until points can be spent"),
    "keep_months": _("Months for which points are good"),
}


def trimmed(value: Any) -> Any:
    """1.500 → 1.5, as one would type it."""
    if isinstance(value, Decimal):
        whole = value.normalize()
        return whole.quantize(Decimal(1)) if whole == whole.to_integral() else whole
    return value


class InSentences(forms.Form):
    """Small inputs among words: the label goes into the input itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            size = "number" if isinstance(field, forms.DecimalField | forms.IntegerField) else "word"
            field.widget.attrs.update({"aria-label": field.label, "class": f"say__{size}"})
            if size == "number":
                field.widget.attrs["step"] = "any" if isinstance(field, forms.DecimalField) else "1"


class RuleForm(InSentences, forms.ModelForm):
    class Meta:
        model = EarningRule
        fields = list(LABELS)
        labels = LABELS

    def __init__(self, *args: Any, like: EarningRule | None = None, **kwargs: Any) -> None:
        """`like`: the rule whose values it begins with."""
        initial = {name: trimmed(getattr(like, name)) for name in LABELS} if like else {}
        self.base_tiers = list(Tier.objects.order_by("pk"))
        super().__init__(*args, initial=initial, **kwargs)
        factors = {row.tier_id: row.factor for row in like.tiers.all()} if like else {}
        categories = list(like.categories.order_by("category")) if like else []
        extra: dict[str, forms.Field] = {}
        for tier in self.base_tiers:
            label = _now("%(tier)s: times as much") % {"tier": tier}
            extra[f"tier_{tier.pk}"] = _factor(label, factors.get(tier.pk, 1), required=True)
        for row in range(max(ROWS, len(categories) + 2)):
            known = categories[row] if row < len(categories) else None
            label = _now("Category %(n)s") % {"n": row + 1}
            extra[f"category_{row}"] = forms.CharField(
                label=label, max_length=120, required=False, initial=known and known.category
            )
            label = _now("Category %(n)s: times as much") % {"n": row + 1}
            extra[f"factor_{row}"] = _factor(label, known and known.factor)
        self.fields.update(extra)
        for name, field in extra.items():
            kind = "word" if name.startswith("category") else "number"
            field.widget.attrs.update({"aria-label": field.label, "class": f"say__{kind}"})

    @property
    def currency(self) -> str:
        return currency_in_force()

    @property
    def tier_rows(self) -> list[tuple[Tier, Any]]:
        return [(tier, self[f"tier_{tier.pk}"]) for tier in self.base_tiers]

    @property
    def category_rows(self) -> list[tuple[Any, Any]]:
        rows = [name.removeprefix("category_") for name in self.fields if name.startswith("category_")]
        return [(self[f"category_{row}"], self[f"factor_{row}"]) for row in rows]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        names = [name for name, _factor_ in self.categories()]
        if len(set(names)) < len(names):
            self.add_error(None, _("A category stands there twice."))
        for category, factor in self.category_rows:
            self._whole(category.name, factor.name)
        return data

    def _whole(self, category: str, factor: str) -> None:
        """Half a line would be left out without a word."""
        named, times = self.cleaned_data.get(category), self.cleaned_data.get(factor)
        if named and named.strip() and times is None and factor not in self.errors:
            self.add_error(factor, _("How many times as much?"))
        elif times is not None and not (named and named.strip()) and category not in self.errors:
            self.add_error(factor, _("Of which category?"))

    def categories(self) -> list[tuple[str, Decimal]]:
        rows = [name.removeprefix("category_") for name in self.fields if name.startswith("category_")]
        typed = [(self.cleaned_data.get(f"category_{row}"), self.cleaned_data.get(f"factor_{row}")) for row in rows]
        return [(name.strip(), factor) for name, factor in typed if name and name.strip() and factor is not None]

    def tiers(self) -> dict[int, Decimal]:
        return {tier.pk: self.cleaned_data[f"tier_{tier.pk}"] for tier in self.base_tiers}

    def terms(self) -> Terms:
        """What is typed, as a rule that was not saved."""
        data = self.cleaned_data
        return Terms(
            points=data["points"],
            per=data["per"],
            minimum=data["minimum"],
            first_order=data["first_order"],
            birthday_factor=data["birthday_factor"],
            birthday_days=data["birthday_days"],
            categories=dict(self.categories()),
            tiers=self.tiers(),
        )

    @transaction.atomic
    def save_draft(self, by: Any) -> EarningRule:
        rule: EarningRule = self.save(commit=False)
        rule.made_by = by
        rule.save()
        rule.categories.all().delete()
        rule.tiers.all().delete()
        CategoryFactor.objects.bulk_create(
            CategoryFactor(rule=rule, category=n, factor=f) for n, f in self.categories()
        )
        TierFactor.objects.bulk_create(TierFactor(rule=rule, tier_id=pk, factor=f) for pk, f in self.tiers().items())
        return rule


def _factor(label: Any, initial: Any, *, required: bool = False) -> forms.DecimalField:
    field = forms.DecimalField(
        label=label,
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        required=required,
        initial=trimmed(initial),
    )
    field.widget.attrs["step"] = "any"
    return field


class SchemeForm(InSentences, forms.ModelForm):
    """How one rises, and the tiers: a line each, an empty one is left out."""

    class Meta:
        model = TierScheme
        fields = ["metric", "window"]
        labels = {"metric": _("What counts"), "window": _("In which time")}

    def __init__(self, *args: Any, like: TierScheme | None = None, **kwargs: Any) -> None:
        initial = {"metric": like.metric, "window": like.window} if like else {}
        super().__init__(*args, initial=initial, **kwargs)
        steps = list(like.steps.select_related("tier").order_by("threshold")) if like else []
        for row in range(max(ROWS, len(steps) + 2)):
            step = steps[row] if row < len(steps) else None
            words = {"n": row + 1}
            self.fields[f"name_{row}"] = forms.CharField(
                label=_now("Tier %(n)s: name") % words, max_length=40, required=False, initial=step and step.tier.name
            )
            self.fields[f"from_{row}"] = forms.DecimalField(
                label=_now("Tier %(n)s: from") % words,
                max_digits=15,
                decimal_places=3,
                min_value=0,
                required=False,
                initial=step and trimmed(step.threshold),
            )
            self.fields[f"benefits_{row}"] = forms.CharField(
                label=_now("Tier %(n)s: what one has of it") % words,
                max_length=300,
                required=False,
                initial=step and step.tier.benefits,
            )
            for part in ("name", "from", "benefits"):
                field = self.fields[f"{part}_{row}"]
                kind = {"name": "word", "from": "number", "benefits": "long"}[part]
                field.widget.attrs.update({"aria-label": field.label, "class": f"say__{kind}"})
                if part == "from":
                    field.widget.attrs["step"] = "any"

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        numbers = [name.removeprefix("name_") for name in self.fields if name.startswith("name_")]
        return [(self[f"name_{row}"], self[f"from_{row}"], self[f"benefits_{row}"]) for row in numbers]

    def steps(self) -> list[tuple[str, Decimal, str]]:
        """(name, threshold, benefits) from the lowest on."""
        numbers = [name.removeprefix("name_") for name in self.fields if name.startswith("name_")]
        data = self.cleaned_data
        typed = [(data.get(f"name_{n}"), data.get(f"from_{n}"), data.get(f"benefits_{n}") or "") for n in numbers]
        named = [(" ".join(name.split()), at, text) for name, at, text in typed if name and at is not None]
        return sorted(named, key=lambda step: step[1])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        numbers = [name.removeprefix("name_") for name in self.fields if name.startswith("name_")]
        for n in numbers:
            if data.get(f"name_{n}") and data.get(f"from_{n}") is None and f"from_{n}" not in self.errors:
                self.add_error(f"from_{n}", _("From where on?"))
        steps = self.steps()
        if not steps:
            self.add_error(None, _("At least one tier is needed."))
        if len({name.casefold() for name, _at, _text in steps}) < len(steps):
            self.add_error(None, _("Two tiers have the same name."))
        if len({at for _name, at, _text in steps}) < len(steps):
            self.add_error(None, _("Two tiers begin at the same figure."))
        return data

    @transaction.atomic
    def save_draft(self, by: Any) -> TierScheme:
        scheme: TierScheme = self.save(commit=False)
        scheme.made_by = by
        scheme.save()
        scheme.steps.all().delete()
        for name, threshold, benefits in self.steps():
            tier = Tier.objects.filter(name__iexact=name).first() or Tier(name=name)
            tier.name, tier.benefits = name, benefits
            tier.save()
            TierStep.objects.create(scheme=scheme, tier=tier, threshold=threshold)
        return scheme


class PublishForm(forms.Form):
    day = forms.DateField(
        label=_("Holds from"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Orders placed before keep the rule of their own day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate()
        self.fields["day"].widget.attrs["min"] = timezone.localdate().isoformat()

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("The past keeps its rule: today at the earliest."))
        return day


class RewardForm(forms.ModelForm):
    class Meta:
        model = Reward
        fields = [
            "name",
            "text",
            "cost",
            "kind",
            "percent",
            "amount",
            "product",
            "sku",
            "minimum",
            "valid_days",
            "stock",
            "tier",
            "starts_on",
            "ends_on",
        ]
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }
        field_classes = {"amount": MoneyField, "minimum": MoneyField}
        help_texts = {
            "stock": _("Empty: as many as are asked for."),
            "sku": _("With it the till takes the product off by itself."),
            "tier": _("Empty: for everybody."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].empty_label = _("everybody")  # type: ignore[attr-defined]
        self.fields["minimum"].required = False
        for name in ("percent", "amount", "minimum"):
            self.initial[name] = trimmed(self.initial.get(name)) or ""
            self.fields[name].widget.attrs["step"] = "any"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        needed = {"percent": "percent", "amount": "amount", "product": "product"}.get(data.get("kind", ""))
        if needed and not data.get(needed) and needed not in self.errors:
            self.add_error(needed, _("This is needed for what it is."))
        data["minimum"] = data.get("minimum") or Decimal(0)
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It would end before it begins."))
        return data


class ChallengeForm(forms.ModelForm):
    badge_name = forms.CharField(
        label=pgettext_lazy("a sign of something done", "Badge"),
        max_length=40,
        required=False,
        help_text=_("The name of a sign that stays on the card; empty: none."),
    )

    class Meta:
        model = Challenge
        fields = ["name", "metric", "target", "period", "starts_on", "ends_on", "points"]
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {"ends_on": _("Empty: it goes on, with a new count in every month, quarter or year.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["badge_name"].initial = str(self.instance.badge or "")
        self.initial["target"] = trimmed(self.initial.get("target"))
        self.fields["target"].widget.attrs["step"] = "any"
        if not self.instance.pk:
            self.initial["starts_on"] = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if data.get("period") == Challenge.Period.DATES and not ends:
            self.add_error("ends_on", _("Between two days needs a last day."))
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It would end before it begins."))
        if not data.get("points") and not (data.get("badge_name") or "").strip():
            self.add_error("points", _("Points, a badge, or both."))
        return data

    @transaction.atomic
    def save(self, commit: bool = True) -> Challenge:
        name = " ".join((self.cleaned_data.get("badge_name") or "").split())
        self.instance.badge = None
        if name:
            self.instance.badge = Badge.objects.filter(name__iexact=name).first() or Badge.objects.create(name=name)
        return super().save(commit)


class GiveTierForm(forms.Form):
    tier = forms.ModelChoiceField(label=_("Tier"), queryset=Tier.objects.none(), empty_label="–")
    until = forms.DateField(
        label=pgettext_lazy("a tier", "Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, tiers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = tiers  # type: ignore[attr-defined]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until < timezone.localdate():
            raise forms.ValidationError(_("That day is over."))
        if until > FARTHEST:
            raise forms.ValidationError(_("That day is too far away."))
        return until
