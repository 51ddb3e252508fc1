"""Quiet hours: on the customer's clock, or the shop's when theirs is not known."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shop.models import Setting


def outside_quiet_hours(moment: datetime, zone_name: str = "") -> datetime:
    """The moment itself, or the end of the quiet hours it falls into."""
    begin, end = Setting.get("contact.quiet_from"), Setting.get("contact.quiet_until")
    local = moment.astimezone(zone(zone_name))
    if not is_quiet(local.hour, begin, end):
        return moment
    morning = datetime.combine(local.date(), time(end), tzinfo=local.tzinfo)
    if morning <= local:
        morning = datetime.combine(local.date() + timedelta(days=1), time(end), tzinfo=local.tzinfo)
    return morning


def is_quiet(hour: int, begin: int, end: int) -> bool:
    if begin <= end:
        return begin <= hour < end
    return hour >= begin or hour < end


def zone(name: str) -> ZoneInfo:
    """What somebody typed or a file brought may be no zone at all."""
    try:
        return ZoneInfo(name or Setting.get("shop.time_zone"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(Setting.get("shop.time_zone"))
