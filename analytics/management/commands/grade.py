import json
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.definition import Definition
from analytics.grading.backtest import Backtest, NoFit, TooFew
from analytics.purchases.reading import all_purchases


class Command(BaseCommand):
    help = "Make the forecast as it would have been on a day, from what was known then, and grade it by what came."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cut", type=date.fromisoformat, help="the last day that is known, YYYY-MM-DD")
        parser.add_argument("--horizon", type=int, default=90, help="days after it that are foretold; 90")
        parser.add_argument("--json", action="store_true", help="say it in a form for programs")

    def handle(self, *args: Any, cut: date | None, horizon: int, json: bool, **options: Any) -> None:
        purchases = all_purchases(Definition.in_force())
        if not len(purchases):
            raise CommandError("There are no purchases to grade a forecast by.")
        first, last = (date.fromordinal(int(day)) for day in (purchases.day.min(), purchases.day.max()))
        if not 0 < horizon <= (last - (cut or first)).days:
            raise CommandError(f"The last purchase is of {last}: so many days are not over after {cut or first}.")
        cut = cut or last - timedelta(days=horizon)
        try:
            found = Backtest.of(purchases.index, purchases.day, cut.toordinal(), horizon).as_dict()
        except TooFew as error:
            raise CommandError(str(error)) from None
        except NoFit:
            raise CommandError("No model fits what was known by then.") from None
        self.stdout.write(_as_json(found) if json else _in_words(found))


def _as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1)


def _in_words(found: dict[str, Any]) -> str:
    used, shares, auc, purchases = found["model"]["used"], found["model"]["shares"], found["auc"], found["purchases"]
    lines = [
        f"Known until {found['cut']}, foretold for {found['horizon']} days: {found['customers']} customers, "
        f"{found['did_not_come_back']} of them ({found['base_rate']:.1%}) did not come back.",
        f"Model: {used['model']}, k = {used['k']}"
        + (
            f"; shares of NBD {shares['of_purchases']:.2f} (purchases) and {shares['of_silence']:.2f} (silence), "
            f"chosen by a forecast of {shares['chosen_on']}."
            if shares
            else ", not blended: there is too little before."
        ),
        f"{'':26}{'this score':>12}{'MBG/NBD':>12}{'days silent':>12}",
        f"{'AUC, does not come back':26}{_three(auc['score'])}{_three(auc['mbg_expected_purchases'])}"
        f"{_three(auc['days_since_last_order'])}",
    ]
    for name, key in (("RMSE of purchases", "rmse"), ("mean Poisson deviance", "deviance")):
        lines.append(f"{name:26}{purchases['score'][key]:12.4f}{purchases['mbg'][key]:12.4f}")
    error, brier = found["calibration_error"], found["brier"]
    lines.append(f"{'calibration error':26}{error['score']:12.4f}{error['mbg']:12.4f}")
    lines.append(
        f"{'Brier score':26}{brier['score'][0]:12.4f}{brier['mbg'][0]:12.4f}   base rate {brier['base_rate']:.4f}"
    )
    return "\n".join([*lines, "", "foretold   silent   95 % interval       n", *map(_tenth, found["tenths"])])


def _tenth(part: dict[str, Any]) -> str:
    share = part["silent"] / part["n"]
    between = f"{part['share_low']:.1%} to {part['share_high']:.1%}"
    return f"{part['said']:8.1%} {share:8.1%}   {between:18}{part['n']:>5}"


def _three(found: list[float | None]) -> str:
    return f"{'–' if found[0] is None else format(found[0], '.4f'):>12}"
