"""What the till says: why something does not count, in a sentence."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.discounts import codes
from loyalty.discounts import wording as discount_wording
from loyalty.models import Checkout, TierScheme
from loyalty.till import quoting
from loyalty.till.quoting import PointsWhyNot, Quote
from shop import formats
from shop.currency import currency_in_force


def reasons(quoted: Quote) -> Iterator[str]:
    for refused in quoted.refused:
        yield _("%(discount)s: %(why)s") % {"discount": refused.offer.name, "why": discount_wording.refused(refused)}
    for text in quoted.unknown_codes:
        said = _("The code that ends in %(ending)s is not known.")
        if not codes.well_formed(text):
            said = _("The code that ends in %(ending)s has a slip in it: look at it once more.")
        yield said % {"ending": codes.plain(text)[-4:]}
    for reason in quoted.points_why_not:
        yield of_points(reason)


def of_points(reason: PointsWhyNot) -> str:
    n = reason.points
    number = {"n": formats.number(n)}
    if reason.code == quoting.PENDING and reason.at:
        day = formats.day(formats.local(reason.at)[0])
        text = ngettext("%(n)s point can be used from %(day)s.", "%(n)s points can be used from %(day)s.", n)
        return text % {**number, "day": day}
    if reason.code == quoting.NOT_ENOUGH:
        return ngettext("%(n)s point is missing.", "%(n)s points are missing.", n) % number
    if reason.code == quoting.BELOW_FEWEST:
        text = ngettext("Paying begins with %(n)s point.", "Paying begins with %(n)s points.", n)
        return text % number
    return _("Only customers with a card pay with points.")


def no_more_time(checkout: Checkout) -> str:
    """Why it cannot be put aside for longer. Empty: it can."""
    if checkout.extended_at:
        return _("It was given more time once.")
    if checkout.state == Checkout.State.HELD and checkout.expires_at <= timezone.now():
        return _("Its time is over; while nobody has taken it back, it can still be paid.")
    return ""


def to_next(missing: Decimal) -> str:
    """In what counts towards a tier: money, points or orders."""
    scheme = TierScheme.in_force_at()
    if scheme is None or scheme.metric == TierScheme.Metric.SPEND:
        return _money(missing)
    n = ceil(missing)
    if scheme.metric == TierScheme.Metric.POINTS:
        return ngettext("%(n)s point", "%(n)s points", n) % {"n": formats.number(n)}
    return ngettext("%(n)s order", "%(n)s orders", n) % {"n": formats.number(n)}


def _money(amount: formats.Number) -> str:
    return formats.money(amount, currency_in_force())
