"""What the figures rest on, in words: the definition, the records, the models and why these."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.definition import Definition
from analytics.models import Generation
from shop import formats


def made(generation: Generation) -> list[tuple[str, str]]:
    rows = [
        (_("Purchase"), _purchase(generation)),
        (_("Active"), _active(generation)),
        (_("Records"), _records(generation)),
        (_("Rhythm and staying"), _timing(generation.timing)),
        (_("Forecast"), _forecast(generation.timing)),
        (_("Spend per order"), _spend(generation.spend)),
        (_("States"), _states(generation)),
    ]
    return [(name, text) for name, text in rows if text]


def of_value(generation: Generation) -> list[tuple[str, str]]:
    """What the forecast of a year rests on."""
    rows = [
        (_("Rhythm and staying"), _timing(generation.timing)),
        (_("Forecast"), _forecast(generation.timing)),
        (_("Spend per order"), _spend(generation.spend)),
    ]
    return [(name, text) for name, text in rows if text]


def _purchase(generation: Generation) -> str:
    text = _("A paid order, not called off, net of discounts and refunds; several on one local day are one occasion.")
    definition = Definition.from_dict(generation.settings)
    free = (
        _("Orders worth nothing count too.")
        if definition.count_free_orders
        else _("Orders worth nothing do not count.")
    )
    if definition.tax_and_shipping:
        return f"{text} {free}"
    return f"{text} {_('Tax and shipping are no revenue.')} {free}"


def _active(generation: Generation) -> str:
    days = generation.active_days
    text = ngettext("Bought within the last %(n)s day.", "Bought within the last %(n)s days.", days) % {"n": days}
    proposed = generation.curves["proposed_window"]
    if days == proposed:
        return text
    said = ngettext(
        "The gaps between purchases propose %(n)s day: by then nine of ten of those who ever came back had.",
        "The gaps between purchases propose %(n)s days: by then nine of ten of those who ever came back had.",
        proposed,
    )
    return f"{text} {said % {'n': proposed}}"


def _records(generation: Generation) -> str:
    if generation.history_from is None:
        return ""
    known = generation.totals["known_before"]
    text = _("From %(day)s on.") % {"day": formats.day(generation.history_from)}
    said = ngettext(
        "%(n)s customer was already known then and is left out of new customers and repeat rates.",
        "%(n)s customers were already known then and are left out of new customers and repeat rates.",
        known,
    )
    return f"{text} {said % {'n': formats.number(known)}}" if known else text


def _timing(timing: dict[str, Any]) -> str:
    used = timing.get("used")
    if timing.get("why") == "too_few_buyers":
        return _("No model: there are fewer than 60 buyers.")
    if not used:
        return _("No model: none fitted these purchases.")
    if used["model"] == "nbd":
        return _("NBD: the data do not tell those who left from those who are silent, so that chance is not shown.")
    tried = [fit for fit in timing["candidates"] if fit["model"] == used["model"] and fit["k"] != used["k"]]
    text = _("MBG/CNBD-k with k = %(k)s, chosen by likelihood.") % {"k": used["k"]}
    return " ".join([text, *(_tried(fit) for fit in tried)])


def _forecast(timing: dict[str, Any]) -> str:
    """What the chance of silence and the purchases expected are blended of."""
    if timing.get("off") == "person":
        return _("Switched off in the settings.")
    if timing.get("off"):
        return _("Switched off: the last one that was graded was no better than the base rate.")
    shares = timing.get("shares")
    if not timing.get("used"):
        return ""
    if not shares:
        return _("Of this model alone: there is too little behind it to learn from what it missed.")
    text = _(
        "%(purchases)s of the purchases and %(silence)s of the silence are foretold by a model in which nobody leaves "
        "(NBD): learned on %(day)s from what an earlier forecast missed."
    )
    return text % {
        "purchases": formats.percent(shares["of_purchases"]),
        "silence": formats.percent(shares["of_silence"]),
        "day": formats.day(date.fromordinal(shares["learned_on"])),
    }


def _tried(fit: dict[str, Any]) -> str:
    why = {
        None: _("k = %(k)s fits less well."),
        "clearly_worse": _("k = %(k)s fits much less well."),
        "nobody_leaves": _("k = %(k)s cannot tell who left."),
        "runs_away": _("k = %(k)s cannot tell who left."),
    }.get(fit["degenerate"], _("k = %(k)s did not fit."))
    return why % {"k": fit["k"]}


def _spend(spend: dict[str, Any]) -> str:
    if not spend.get("used"):
        return _("No model: too few repeat purchases.")
    text = _("Gamma–gamma on the repeat purchases of %(n)s customers.") % {"n": formats.number(spend["customers"])}
    if spend["correlated"]:
        return f"{text} {_('Spend depends on how often somebody buys: values of frequent buyers are less sure.')}"
    return text


def _states(generation: Generation) -> str:
    settings = generation.settings
    return _(
        "Overdue: so long a silence has a chance under %(overdue)s in their own rhythm. At risk: under %(at_risk)s, "
        "or less than %(alive)s likely still to be a customer. Likely lost: less than %(lost)s, or silent beyond "
        "the window."
    ) % {
        "overdue": formats.percent(settings["overdue_below"]),
        "at_risk": formats.percent(settings["at_risk_below"]),
        "alive": formats.percent(settings["at_risk_alive_below"]),
        "lost": formats.percent(settings["likely_lost_below"]),
    }
