"""Days of the shop: points are good until the end of a day there, whatever the clocks do meanwhile."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shop.models import Setting

FARTHEST = date(2999, 12, 31)  # the day, the year and the midnight after what somebody typed are days too


def zone() -> ZoneInfo:
    return ZoneInfo(Setting.get("shop.time_zone"))


def local_day(at: datetime) -> date:
    return at.astimezone(zone()).date()


def end_of(day: date) -> datetime:
    """The local midnight after a day: from then on it is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone())


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last one there is: 31 January and one month is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def expiry(at: datetime, months: int) -> datetime | None:
    """When points that come in now are over. No months: never."""
    return end_of(months_after(local_day(at), months)) if months else None


def last_day(over: datetime) -> date:
    """The last day on which points are good that are over from a moment on."""
    return local_day(over - timedelta(microseconds=1))
