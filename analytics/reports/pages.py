"""The pages of the report on who comes back, in the order of their tabs."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Tab:
    label: Any
    url: str
    here: bool


PAGES = [
    (_("Retention"), "analytics:retention"),
    (_("Cohorts"), "analytics:cohorts"),
    (_("Curves"), "analytics:curves"),
    (_("RFM"), "analytics:rfm"),
    (pgettext_lazy("of customers", "Value"), "analytics:value"),
    (_("Grading"), "analytics:grading"),
    (_("Recovery"), "analytics:recovery"),
    (_("Offers"), "analytics:offers"),
    (_("Goals"), "analytics:goals"),
]


def tabs(here: str) -> list[Tab]:
    return [Tab(label, reverse(view), view == here) for label, view in PAGES]
