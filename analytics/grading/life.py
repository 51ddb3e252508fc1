"""Forecasts in life: one kept each month, graded when its days are over; until the first is, one made looking back."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import Cursor
from psycopg.pq import Format

from analytics.definition import Definition
from analytics.grading import measures
from analytics.grading.backtest import Backtest, NoFit, TooFew
from analytics.lifetime.purchases import Summary
from analytics.models import Forecast, Foretold, Generation
from analytics.publishing import copying, tables
from analytics.purchases.reading import Ints, Purchases, all_purchases, unscored
from crm.models import Complaint
from feedback.models import Response
from feedback.surveys.kinds import SCALES
from shop.intervals import Interval
from shop.models import Setting

Reason = Foretold.Reason

HORIZON = 90
SHORTEST = 14  # days: a look back over less says nothing
LATELY = 62  # days in which a month was graded, so that nobody need look back
YOUNG = 31  # days for which a look back is taken as it is
LOOKED_AT = 100_000  # customers
KEPT_FOR = 760  # days
SMALLER = 0.8  # of the usual, as where the reasons are told

_LOW = " OR ".join(f"{kind} <= {int(scale.low)}" for kind, scale in SCALES.items())
_KEEP = """
    INSERT INTO analytics_foretold (forecast_id, customer_id, p_silent, silent_days, reasons)
    SELECT %(forecast)s, customer_id, p_silent_90, greatest(%(day)s - analytics_scores.last_on, 0),
           CASE WHEN overdue_on <= %(day)s THEN 1 ELSE 0 END + CASE WHEN at_risk_on <= %(day)s THEN 2 ELSE 0 END
         + CASE WHEN likely_lost_on <= %(day)s THEN 4 ELSE 0 END
         + CASE WHEN gaps > 1 AND last_spend * gaps < %(smaller)s * (net - last_spend) THEN 8 ELSE 0 END
         + CASE WHEN discontent.customer_id IS NULL THEN 0 ELSE 16 END
         + CASE WHEN complaining.customer_id IS NULL THEN 0 ELSE 32 END
      FROM analytics_scores JOIN analytics_figures USING (customer_id)
      LEFT JOIN (SELECT DISTINCT customer_id FROM feedback_lastscores WHERE {low}) AS discontent USING (customer_id)
      LEFT JOIN (SELECT DISTINCT customer_id FROM crm_complaint WHERE closed_at IS NULL) AS complaining
            USING (customer_id)
     WHERE p_silent_90 IS NOT NULL
"""

# Chance, silence, reasons, whether they came back: of everybody who is still a card of their own.
_CAME = """
    SELECT string_agg(float8send(p_silent) || int8send(silent_days) || int8send(reasons) || int8send(bought::int), '')
      FROM (SELECT said.p_silent, said.silent_days, said.reasons::bigint,
                   EXISTS (SELECT FROM unnest(history.days) AS had (day) WHERE day > %(made)s AND day <= %(over)s)
                   AS bought
              FROM analytics_foretold AS said
              JOIN crm_customer AS card ON card.id = said.customer_id
              LEFT JOIN analytics_purchasedays AS history ON history.customer_id = said.customer_id
             WHERE said.forecast_id = %(forecast)s AND card.merged_into_id IS NULL AND card.left_out_at IS NULL
               AND card.erased_at IS NULL) AS outcome
"""


def follow(generation: Generation, today: date) -> None:
    """After a full run: keep the month's forecast, grade what is over, look back while nothing is."""
    if _is_of_today(generation):
        keep(generation)
    for forecast in Forecast.objects.over(today):
        grade(forecast)
    lately = generation.as_of - timedelta(days=LATELY)
    if not Forecast.objects.of_months().graded().filter(over_on__gte=lately).exists():
        look_back(generation)
    Forecast.objects.filter(made_on__lt=today - timedelta(days=KEPT_FOR)).delete()


def _is_of_today(generation: Generation) -> bool:
    """Figures of another day know orders that came after it."""
    zone = ZoneInfo(Definition.from_dict(generation.settings).zone)
    return generation.as_of == generation.started_at.astimezone(zone).date()


@transaction.atomic
def keep(generation: Generation) -> Forecast | None:
    """What is foretold of everybody, once a month. None: there is one of this month, or nothing to tell."""
    made_on = generation.as_of
    this_month = Forecast.objects.of_months().filter(made_on__gte=made_on.replace(day=1))
    if not generation.model_in_use or generation.timing.get("off") or this_month.exists():
        return None
    forecast = Forecast.begin(Forecast.Kind.MONTH, made_on, HORIZON, model=generation.timing["used"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        values: dict[str, Any] = {"forecast": forecast.pk, "day": made_on, "smaller": SMALLER}
        cursor.execute(_KEEP.format(low=_LOW), values)
        forecast.customers = cursor.rowcount
    forecast.save(update_fields=["customers"])
    return forecast


@transaction.atomic
def grade(forecast: Forecast) -> None:
    """Forecast and outcome side by side."""
    with connection.cursor() as django:
        django.execute("SET LOCAL statement_timeout = 0")
        cursor: Any = Cursor(connection.connection)
        cursor.format = Format.BINARY
        values = {"made": forecast.made_on, "over": forecast.over_on, "forecast": forecast.pk}
        sent = cursor.execute(_CAME, values).fetchone()[0] or b""
    rows = np.frombuffer(sent, dtype=[("p", ">f8"), ("silence", ">i8"), ("reasons", ">i8"), ("bought", ">i8")])
    chance, silence = rows["p"].astype(np.float64), rows["silence"].astype(np.float64)
    forecast.grade(outcome(chance, silence, rows["reasons"].astype(np.int64), rows["bought"] == 0))


def outcome(
    chance: measures.Floats, silence: measures.Floats, reasons: Ints, silent: NDArray[np.bool_]
) -> dict[str, Any]:
    """silence: days since the last order when it was foretold; silent: who did not come back; shape (n,)."""
    if not chance.size:
        return {"customers": 0}
    base, parts = float(silent.mean()), measures.tenths(chance, silent)
    return {
        "customers": int(chance.size),
        "silent": int(silent.sum()),
        "base_brier": round(base * (1 - base), 6),
        "brier": numbers(measures.brier(chance, silent)),
        "gain": numbers(measures.brier_gain(chance, silent)),
        "error": round(measures.calibration_error(parts), 6),
        "auc": numbers(measures.auc(chance, silent)),
        "auc_days": numbers(measures.auc(silence, silent)),
        "tenths": [part.as_dict() for part in parts],
        "reasons": _by_reason(reasons, silent),
    }


def _by_reason(reasons: Ints, silent: NDArray[np.bool_]) -> dict[str, list[int]]:
    """Of those on a list, by each reason: how many, and how many came back all the same."""
    listed = (reasons & Foretold.LISTED) > 0
    found = {}
    for reason in Reason:
        these = listed & ((reasons & reason.value) > 0)
        found[reason.name.lower()] = [int(these.sum()), int((these & ~silent).sum())]
    found["any"] = [int(listed.sum()), int((listed & ~silent).sum())]
    return found


def numbers(found: Interval) -> list[float | None]:
    return [round(float(v), 6) if np.isfinite(v) else None for v in (found.value, found.low, found.high)]


def look_back(generation: Generation) -> Forecast | None:
    """As it would have been foretold some time ago. None: there is a young one already, or too little to tell."""
    last = generation.as_of - timedelta(days=1)
    newest = Forecast.objects.filter(kind=Forecast.Kind.BACK).order_by("-made_on").first()
    if newest and 0 <= (last - newest.over_on).days < YOUNG:
        return None
    definition = Definition.from_dict(generation.settings)
    purchases = all_purchases(definition)
    if not len(purchases):
        return None
    horizon = min(HORIZON, (last.toordinal() - int(purchases.day.min()) + 1) // 2)
    if horizon < SHORTEST:
        return None
    every = -(-len(purchases) // LOOKED_AT)
    some = purchases.every(every)
    try:
        found = Backtest.of(some.index, some.day, last.toordinal() - horizon, horizon)
    except (TooFew, NoFit):
        return None
    return _kept(found, some, definition, every)


@transaction.atomic
def _kept(found: Backtest, purchases: Purchases, definition: Definition, every: int) -> Forecast:
    """In place of the look back before."""
    Forecast.objects.filter(kind=Forecast.Kind.BACK).delete()
    customers = purchases.customers[found.past.who]
    asked = ~np.isin(customers, unscored())
    chance = np.round(found.p_silent(), 6)[asked]
    silence = np.rint(found.past.known.silence * 7)[asked]
    reasons = (_reasons(found, purchases, definition) | _told(customers, found.cut, definition))[asked]
    made_on, horizon = date.fromordinal(found.cut), found.past.horizon
    forecast = Forecast.begin(Forecast.Kind.BACK, made_on, horizon, model=found.model_as_dict()["used"], every=every)
    fields = [
        copying.Field("forecast_id", "bigint", np.full(chance.size, forecast.pk)),
        copying.Field("customer_id", "bigint", customers[asked]),
        copying.Field("p_silent", "double", chance),
        copying.Field("silent_days", "integer", silence),
        copying.Field("reasons", "smallint", reasons),
    ]
    tables.copy_rows(Foretold._meta.db_table, [field.name for field in fields], copying.rows([fields]))
    forecast.grade(outcome(chance, silence, reasons, found.past.silent[asked]))
    return forecast


def _reasons(found: Backtest, purchases: Purchases, definition: Definition) -> Ints:
    """What can be told of that day: who was late by their own rhythm, and whose last order was a small one."""
    known, timing = found.past.known, found.timing
    rhythm, alive = timing.rhythm(known), np.nan_to_num(timing.p_alive(known), nan=1.0)
    lost = (alive < definition.likely_lost_below) | (known.silence * 7 > definition.active_days)
    at_risk = (rhythm < definition.at_risk_below) | (alive < definition.at_risk_alive_below)
    bits = Reason.OVERDUE * (rhythm < definition.overdue_below) + Reason.AT_RISK * at_risk + Reason.LIKELY_LOST * lost
    told: Ints = np.where(known.x > 0, bits, 0) + Reason.SMALLER * _smaller(purchases, found.cut, known)
    return told


def _told(customers: Ints, cut: int, definition: Definition) -> Ints:
    """What the customers had told the shop by the end of that day: a low score as the last one, a complaint open."""
    until = datetime.combine(date.fromordinal(cut + 1), time.min, ZoneInfo(definition.zone))
    said = Response.objects.counted().named().filter(customer__isnull=False, score__isnull=False, at__lt=until)
    last = said.order_by("customer_id", "survey__kind", "-at", "-pk").distinct("customer_id", "survey__kind")
    low = {
        customer
        for customer, kind, score in last.values_list("customer_id", "survey__kind", "score").iterator()
        if score is not None and kind in SCALES and score <= SCALES[kind].low
    }
    opened = Complaint.objects.filter(opened_at__lt=until).exclude(closed_at__lt=until)
    complaining = set(opened.order_by().values_list("customer_id", flat=True))
    is_low, complains = (np.isin(customers, np.array(list(ids), dtype=np.int64)) for ids in (low, complaining))
    bits: Ints = Reason.LOW_SCORE * is_low + Reason.COMPLAINT * complains
    return bits


def _smaller(purchases: Purchases, cut: int, known: Summary) -> NDArray[np.bool_]:
    """Whose last order before the cut was clearly below their usual one."""
    before = purchases.day <= cut
    index, net = purchases.index[before], purchases.net[before].astype(np.float64)
    ends = np.flatnonzero(np.diff(index, append=-1))
    sums = np.bincount(np.cumsum(np.diff(index, prepend=index[:1]) != 0), weights=net)
    small: NDArray[np.bool_] = (known.x > 1) & (net[ends] * known.x < SMALLER * (sums - net[ends]))
    return small


def why_off() -> str:
    """ "person" or "base_rate": somebody decided, or the last forecast graded is no better. "" while it may be used."""
    if not Setting.get("analytics.score"):
        return "person"
    telling = Forecast.objects.telling()
    return "base_rate" if telling and not telling.beats_the_base_rate else ""
