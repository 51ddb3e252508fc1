"""`bin/bench [PART …] [--customers N] [--json FILE]`: all parts, or those named."""

import argparse
import json
import logging
import os
import sys
from importlib import import_module
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("REGULARS_ROLE", "web")

PARTS = [
    "pages",
    "views",
    "timeline",
    "imports",
    "recompute",
    "metrics",
    "reports",
    "bulk",
    "discounts",
    "ledger",
    "till",
    "orders",
    "form",
    "answers",
    "invite",
    "figures",
    "start",
]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument(
        "--customers", type=int, default=100_000, help="ten orders each, about; with 0 imports leaves orders out"
    )
    parser.add_argument("--small", type=int, default=1_000, help="the small shop pages are compared with")
    parser.add_argument("--people", type=int, default=100_000, help="in the file of customers that is imported")
    parser.add_argument("--lots", type=int, default=1_000_000, help="of points that expire and are checked")
    parser.add_argument("--given", type=int, default=1_000_000, help="answers to a survey that the figures are made of")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args()

    import django

    django.setup()
    _collect_static_files()
    _keep_logs_out_of_the_table()
    results = []
    for part in options.parts or PARTS:
        for result in import_module(f"bench.{part}").measure(options):
            results.append(result)
            print(result, flush=True)
    if options.json:
        options.json.write_text(json.dumps([result.as_dict() for result in results], indent=2))
    missed = [result for result in results if not result.holds]
    print(f"{len(results) - len(missed)} of {len(results)} bars hold.")
    return 1 if missed else 0


def _collect_static_files() -> None:
    """Pages name them by their contents, whichever part is measured first."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)


def _keep_logs_out_of_the_table() -> None:
    """Lines are still made and written, as they are when the product runs."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w"))  # noqa: SIM115


if __name__ == "__main__":
    sys.exit(main())
