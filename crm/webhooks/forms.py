from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.events.kinds import KINDS
from crm.models import Webhook
from crm.models.webhook import EVERYTHING, PERSONAL
from crm.webhooks.words import REFUSED
from shop.models import Setting, User
from shop.outgoing.guard import LONGEST, Refused, target

OFFERED = [kind for kind in KINDS if kind != "webhook.changed"]


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("Which program gets it"), max_length=64)
    url = forms.CharField(
        label=_("Its address"),
        max_length=LONGEST,
        widget=forms.URLInput({"placeholder": "https://shop.example/hooks/regulars", "spellcheck": "false"}),
    )
    personal = forms.BooleanField(
        label=_("Also send what people typed"),
        required=False,
        help_text=_("Titles of tasks and complaints, changed fields, reasons. Without it: numbers, dates and codes."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it hears of"),
        choices=[(kind, kind) for kind in [EVERYTHING, *OFFERED]],
        error_messages={"required": _("Choose at least one.")},
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.may(PERSONAL):
            self.fields["personal"].disabled = True
            self.fields["personal"].help_text = _("Only who may export customers can switch this on or off.")

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        try:
            target(url)
        except Refused as refused:
            raise forms.ValidationError(REFUSED[refused.why], code=refused.why) from refused
        return url

    def clean_kinds(self) -> list[str]:
        chosen = self.cleaned_data["kinds"]
        return [EVERYTHING] if EVERYTHING in chosen else sorted(chosen)

    @classmethod
    def of(cls, webhook: Webhook) -> dict[str, Any]:
        return {name: getattr(webhook, name) for name in cls.base_fields}

    @property
    def chosen(self) -> set[str]:
        value = self["kinds"].value()
        return set(value if isinstance(value, list | tuple) else [])

    @property
    def everything(self) -> bool:
        return EVERYTHING in self.chosen

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The kinds by what they are about, each with what happened and whether it is chosen."""
        groups: dict[str, list[tuple[str, str, bool]]] = {}
        for kind in OFFERED:
            noun, _dot, verb = kind.partition(".")
            groups.setdefault(noun, []).append((kind, verb, kind in self.chosen))
        return list(groups.items())


def zone() -> ZoneInfo:
    return ZoneInfo(Setting.get("shop.time_zone"))


def a_week_ago() -> date:
    return timezone.localdate(timezone=zone()) - timedelta(days=7)


class SinceForm(forms.Form):
    since = forms.DateField(
        label=_("Failed since"), initial=a_week_ago, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    @property
    def moment(self) -> datetime:
        return datetime.combine(self.cleaned_data["since"], time.min, zone())
