"""What staff type about goals."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from analytics.metrics import groups
from analytics.metrics.table import BY_NAME
from analytics.models import Generation, Goal
from analytics.reports.goals import group_choices, metric_choices, note, value_now
from crm.forms import Day
from shop.models import User

LONGEST = timedelta(days=5 * 366)


class GoalForm(forms.Form):
    """Shares are typed in percent."""

    metric = forms.ChoiceField(label=gettext_lazy("Figure"))
    group = forms.ChoiceField(label=gettext_lazy("Whose figures"), required=False)
    start_value = forms.FloatField(
        label=pgettext_lazy("value of a goal", "From"),
        required=False,
        help_text=gettext_lazy("Left empty: what the last complete month has. Shares in percent."),
    )
    target = forms.FloatField(
        label=pgettext_lazy("value of a goal", "To"), help_text=gettext_lazy("Shares in percent.")
    )
    due_on = forms.DateField(label=pgettext_lazy("day of a goal", "By"), widget=Day)

    def __init__(self, *args: Any, user: User, generation: Generation | None, goal: Goal | None, **rest: Any) -> None:
        super().__init__(*args, **{"initial": _as_typed(goal) if goal else None, **rest})
        self.user, self.generation, self.goal = user, generation, goal
        self._choose("metric", metric_choices())
        choices = group_choices(generation, user)
        if goal and goal.group and goal.group not in str(choices):
            choices.append((goal.group, _("as it was")))
        self._choose("group", choices)

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        due, today = cleaned.get("due_on"), timezone.localdate()
        if due and not today < due <= today + LONGEST:
            self.add_error("due_on", _("A day after today, within five years."))
        if "metric" not in cleaned or "target" not in cleaned:
            return cleaned
        scale = 100 if BY_NAME[cleaned["metric"]].unit == "percent" else 1
        for name in ("start_value", "target"):
            if cleaned.get(name) is not None:
                self._limit(cleaned, name, scale)
        if cleaned.get("start_value") is None and not self.errors:
            cleaned["start_value"] = self._now(cleaned)
        if not self.errors and cleaned["start_value"] == cleaned["target"]:
            self.add_error("target", _("It is there already."))
        return cleaned

    def _limit(self, cleaned: dict[str, Any], name: str, scale: int) -> None:
        most = 1000 if scale == 100 else 10**9
        if not 0 <= cleaned[name] <= most:
            self.add_error(name, _("From 0 to %(most)s.") % {"most": most})
        else:
            cleaned[name] = cleaned[name] / scale

    def _now(self, cleaned: dict[str, Any]) -> float | None:
        group = groups.read(cleaned.get("group", ""), self.user)
        value = value_now(cleaned["metric"], group, self.generation) if group and self.generation else None
        if value is None:
            self.add_error("start_value", _("There is no figure yet from which it could start: type one."))
        return value

    def save(self) -> Goal:
        goal = self.goal or Goal(made_by=self.user, begins_on=timezone.localdate())
        names = ("metric", "group", "start_value", "target", "due_on")
        goal.put({name: self.cleaned_data[name] for name in names}, actor=self.user.actor)
        if self.generation and self.generation.customers:
            note([goal], self.generation)
        return goal


def _as_typed(goal: Goal) -> dict[str, Any]:
    scale = 100 if BY_NAME[goal.metric].unit == "percent" else 1
    numbers = {name: round(getattr(goal, name) * scale, 4) for name in ("start_value", "target")}
    return {"metric": goal.metric, "group": goal.group, "due_on": goal.due_on, **numbers}
