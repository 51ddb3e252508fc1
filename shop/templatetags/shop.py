"""What templates need to write icons, numbers, money, dates and charts."""

import datetime as dt
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop import formats, icons
from shop.currency import currency_in_force
from shop.job_progress import progress_of
from shop.models import Job

register = template.Library()

NOTHING = mark_safe('<span class="faint">–</span>')


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    return icons.icon(name, classes)


_kept: dict[tuple[Any, ...], SafeString] = {}


@register.simple_tag(takes_context=True)
def kept(context: template.Context, name: str) -> SafeString:
    """Include a part of the frame that hangs on nothing but the navigation, the shop's name and the language."""
    navigation, shop_name = context["navigation"], str(context["shop_name"])
    key = (name, formats.here(), shop_name, navigation.key)
    if key not in _kept or settings.DEBUG:
        if len(_kept) > 500:
            _kept.clear()
        _kept[key] = mark_safe(get_template(name).render({"navigation": navigation, "shop_name": shop_name}))
    return _kept[key]


@register.inclusion_tag("shell/_job.html")
def job_progress(job: Job) -> dict[str, Any]:
    """Long work under way, asking for itself again every second until it has ended."""
    return progress_of(job)


@register.simple_tag
def chart(drawn: Any) -> SafeString:
    return drawn.html()


@register.filter
def money(value: formats.Number | None, currency: str = "") -> str:
    return NOTHING if value is None else formats.money(value, currency or currency_in_force())


@register.filter
def money_whole(value: formats.Number | None, currency: str = "") -> str:
    if value is None:
        return NOTHING
    return formats.money(value, currency or currency_in_force(), whole=True)


@register.filter
def number(value: formats.Number | None, digits: int = 0) -> str:
    return NOTHING if value is None else formats.number(value, digits)


@register.filter
def percent(share: formats.Number | None, digits: int = 0) -> str:
    return NOTHING if share is None else formats.percent(share, digits)


@register.filter
def day(value: dt.date | None) -> str:
    """4 Dec 2025, on the shop's clock."""
    return NOTHING if value is None else formats.day(formats.local(value)[0])


@register.filter
def last_day(value: dt.datetime | None) -> str:
    """The last day of something that is over at a moment, which is a midnight as a rule."""
    return NOTHING if value is None else day(value - dt.timedelta(seconds=1))


@register.filter
def long_day(value: dt.date) -> str:
    """Wednesday, 9 December, the first letter a capital as it begins a sentence."""
    words = formats.long_day(formats.local(value)[0])
    return words[:1].upper() + words[1:]


@register.filter
def month(value: dt.date | None, after: str = "") -> str:
    """December 2025; with `month:"since"` in the case that follows “since” in languages that have one."""
    return NOTHING if value is None else formats.month(formats.local(value)[0], long=True, since=bool(after))


@register.filter
def when(value: dt.date | None, clock: str = "") -> str:
    """Today, yesterday, 4 Dec, 4 Dec 2025; with `when:"clock"` the time of recent ones too."""
    if value is None:
        return NOTHING
    date, time = formats.local(value)
    with formats.one_language():
        words = formats.relative(date, timezone.localdate(), time if clock else "")
        title = f"{formats.day(date)} {time}".rstrip()
    return mark_safe(f'<time datetime="{value.isoformat()}" title="{title}">{words}</time>')


@register.filter
def days_ago(value: dt.date | None) -> str:
    """Today, yesterday, 71 days ago."""
    if value is None:
        return NOTHING
    days = (timezone.localdate() - formats.local(value)[0]).days
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": formats.number(days)}


@register.filter
def initials(name: str) -> str:
    """Priya Nair → PN."""
    words = [word for word in str(name).split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "–"


@register.simple_tag
def avatar(name: str = "") -> SafeString:
    if not name:
        return mark_safe('<span class="avatar avatar--none" aria-hidden="true">–</span>')
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', initials(name))


@register.simple_tag
def meter(value: float | None, most: float = 1, kind: str = "") -> SafeString:
    """A bar behind a figure; kind is bad, calm or brass."""
    share = min(max(float(value or 0) / float(most or 1), 0), 1) * 100
    css = f" meter__fill--{escape(kind)}" if kind else ""
    return mark_safe(
        '<svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="meter__track" width="100" height="4"/>'
        f'<rect class="meter__fill{css}" width="{share:.1f}" height="4"/></svg>'
    )


@register.simple_tag
def risk_dots(level: int, of: int = 5) -> SafeString:
    """How sure the risk is, as dots; the word stands beside it."""
    marks = (f'<circle class="risk__{"on" if i < level else "off"}" cx="{3 + 5 * i}" cy="3" r="2"/>' for i in range(of))
    return mark_safe(f'<svg viewBox="0 0 {5 * of + 1} 6" aria-hidden="true">{"".join(marks)}</svg>')
